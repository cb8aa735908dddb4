// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No answers, with a real HTTP server on loopback; nobody waits for pauses and cool-downs. */
@Timeout(60)
class RemoteScorerOutageTest {
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final Duration SHORT = Duration.ofMillis(200);

  /** Stands until it is moved. */
  private static final class DrivenClock extends Clock {
    private volatile Instant now = Instant.EPOCH;

    void advance(Duration by) {
      now = now.plus(by);
    }

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  private final DrivenClock clock = new DrivenClock();
  private final List<Duration> pauses = Collections.synchronizedList(new ArrayList<>());

  private RemoteScorer scorer(RemoteScorer.Settings settings) {
    return new RemoteScorer(settings, Optional.empty(), new Backoff(() -> 0.5, pauses::add), clock);
  }

  @Test
  void shouldNameTheDeadlineWhenNoAnswerComes() throws IOException {
    assertLate(ScorerServer::hang);
  }

  @Test
  void shouldNameTheDeadlineWhenTheAnswerNeverEnds() throws IOException {
    try (ScorerServer server = new ScorerServer(ScorerServer.RIGHT)) {
      server.does(
          (exchange, asked) -> {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            server.hang();
          });
      assertLate(server);
    }
  }

  private void assertLate(Consumer<ScorerServer> hang) throws IOException {
    try (ScorerServer server = new ScorerServer(ScorerServer.RIGHT)) {
      server.does((exchange, asked) -> hang.accept(server));
      assertLate(server);
    }
  }

  private void assertLate(ScorerServer server) {
    try (RemoteScorer scorer = scorer(server.settings(SHORT, 1, 100, 100))) {
      assertThatThrownBy(() -> ScorerServer.values(scorer, 1))
          .isInstanceOf(RewardUnavailableException.class)
          .hasMessage(
              "remote scorer %s: no answer within 200 ms (asked 2 times)".formatted(server.url()));
      assertThat(server.asked()).hasSize(2);
    }
  }

  @Test
  void shouldPauseLongerAndLongerWhenNobodyIsThere() throws IOException {
    RemoteScorer.Settings settings;
    try (ScorerServer server = new ScorerServer(ScorerServer.RIGHT)) {
      settings = server.settings(LONG, 9, 100, 100);
    }
    try (RemoteScorer scorer = scorer(settings)) {
      assertThatThrownBy(() -> ScorerServer.values(scorer, 1))
          .isInstanceOf(RewardUnavailableException.class)
          .hasMessageContaining("remote scorer " + settings.url() + ": no answer: ")
          .hasMessageContaining("(asked 10 times)");
    }
    // Half of each bound, for so the jitter is drawn here; the bounds end at 10 s.
    assertThat(pauses.stream().map(Duration::toMillis))
        .containsExactly(50L, 100L, 200L, 400L, 800L, 1600L, 3200L, 5000L, 5000L);
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 429, 500, 503})
  void shouldAskAgainWhenItIsOverloaded(int status) throws IOException {
    try (ScorerServer server = new ScorerServer(ScorerServer.RIGHT);
        RemoteScorer scorer = scorer(server.settings(LONG, 1, 100, 100))) {
      server.does(
          (exchange, asked) -> {
            server.does(ScorerServer.RIGHT);
            ScorerServer.send(exchange, status, "busy");
          });
      assertThat(ScorerServer.values(scorer, 3)).containsExactly(9);
      assertThat(server.asked()).hasSize(2);
      server.does(ScorerServer.status(status, "busy"));
      assertThatThrownBy(() -> ScorerServer.values(scorer, 3))
          .isExactlyInstanceOf(
              status == 500 ? RewardModelException.class : RewardUnavailableException.class)
          .hasMessageContaining(
              "HTTP status %d (busy), expected 200 (asked 2 times)".formatted(status));
    }
  }

  @Test
  void shouldAskNobodyAfterFailuresInARowUntilOneRequestSucceeds() throws IOException {
    try (ScorerServer server = new ScorerServer(ScorerServer.RIGHT);
        RemoteScorer scorer = scorer(server.settings(LONG, 0, 1, 3))) {
      // A success in between: not in a row.
      for (int status : new int[] {503, 503, 200, 503, 503}) {
        server.does(status == 200 ? ScorerServer.RIGHT : ScorerServer.status(status, "gone"));
        ask(scorer);
      }
      assertThat(server.asked()).hasSize(5);
      server.does(ScorerServer.status(503, "gone for lunch"));
      ask(scorer);
      assertThat(server.asked()).hasSize(6);
      // Open: it fails at once and says why, although the scorer is back.
      server.does(ScorerServer.RIGHT);
      String open =
          ("remote scorer %s: not asked: the last 3 requests failed, and none is made for 30000 ms;"
                  + " the last: remote scorer %s: HTTP status 503 (gone for lunch), expected 200")
              .formatted(server.url(), server.url());
      assertThatThrownBy(() -> ScorerServer.values(scorer, 1)).hasMessage(open);
      clock.advance(Duration.ofSeconds(30));
      assertThatThrownBy(() -> ScorerServer.values(scorer, 1, 2)).hasMessage(open);
      assertThat(server.asked()).hasSize(6);
      // Half open: one request, which fails.
      clock.advance(Duration.ofSeconds(1));
      server.does(ScorerServer.status(502, "no"));
      assertThatThrownBy(() -> ScorerServer.values(scorer, 1, 2, 3))
          .hasMessageContaining("502 (no)");
      assertThat(server.asked()).hasSize(7);
      assertThatThrownBy(() -> ScorerServer.values(scorer, 1)).hasMessageContaining("not asked");
      // Half open again: one request, and all the others only after it.
      clock.advance(Duration.ofSeconds(31));
      server.does(ScorerServer.RIGHT);
      assertThat(ScorerServer.values(scorer, 1, 2, 3)).containsExactly(1, 4, 9);
      assertThat(ScorerServer.values(scorer, 4, 5)).containsExactly(16, 25);
      assertThat(server.asked()).hasSize(12);
    }
  }

  private static void ask(RemoteScorer scorer) {
    try {
      double[] unused = ScorerServer.values(scorer, 1);
    } catch (RewardModelException expected) {
      assertThat(expected).hasMessageContaining("503");
    }
  }

  @Test
  void shouldGoOnAskingWhoFailsAtOneGroup() throws IOException {
    try (ScorerServer server = new ScorerServer(ScorerServer.status(500, "a bad particle"));
        RemoteScorer scorer = scorer(server.settings(LONG, 1, 100, 2))) {
      for (int group = 0; group < 5; group++) {
        assertThatThrownBy(() -> ScorerServer.values(scorer, 1))
            .isExactlyInstanceOf(RewardModelException.class)
            .hasMessageContaining("500 (a bad particle)");
      }
      server.does(ScorerServer.RIGHT);
      assertThat(ScorerServer.values(scorer, 2)).containsExactly(4);
    }
  }

  @Test
  void shouldSayThatItIsAwayAlsoWhereSeveralBatchesWereAsked() throws IOException {
    try (ScorerServer server = new ScorerServer(ScorerServer.status(503, "gone"));
        RemoteScorer scorer = scorer(server.settings(LONG, 0, 1, 3))) {
      assertThatThrownBy(() -> ScorerServer.values(scorer, 1, 2))
          .isInstanceOf(RewardUnavailableException.class);
    }
  }

  /** Were it retried, all retries would fail at the breaker. */
  @Test
  void shouldStopRetryingWhenTheBreakerOpens() throws IOException {
    try (ScorerServer server = new ScorerServer(ScorerServer.status(503, "gone"));
        RemoteScorer scorer = scorer(server.settings(LONG, 50, 1, 3))) {
      assertThatThrownBy(() -> ScorerServer.values(scorer, 1))
          .isInstanceOf(RewardUnavailableException.class)
          .hasMessageContaining("not asked");
      assertThat(server.asked()).hasSize(3);
    }
  }

  @Test
  void shouldGiveUpTheOtherBatchesWhenOneFails() throws IOException {
    try (ScorerServer server = new ScorerServer(ScorerServer.RIGHT);
        RemoteScorer scorer = scorer(server.settings(LONG, 0, 1, 100))) {
      server.does(
          (exchange, asked) -> {
            if (asked.get("particles").get(0).get(0).doubleValue() == 2) {
              ScorerServer.send(exchange, 200, "{}");
            } else {
              server.hang();
            }
          });
      assertThatThrownBy(() -> ScorerServer.values(scorer, 1, 2, 3, 4))
          .hasMessageContaining("no array");
      server.does(ScorerServer.RIGHT);
      assertThat(ScorerServer.values(scorer, 5, 6))
          .containsExactly(25, 36); // no thread still hangs
    }
  }

  @Test
  void shouldEndAtOnceWhenItIsInterrupted() throws IOException {
    try (ScorerServer server = new ScorerServer(ScorerServer.RIGHT);
        RemoteScorer scorer = scorer(server.settings(LONG, 0, 100, 100))) {
      Thread asking = Thread.currentThread();
      server.does(
          (exchange, asked) -> {
            asking.interrupt();
            server.hang();
          });
      assertThatThrownBy(() -> ScorerServer.values(scorer, 1))
          .hasMessageContaining(server.url())
          .hasMessageContaining("interrupted before it answered");
      assertThat(Thread.interrupted()).isTrue();
    }
  }
}
