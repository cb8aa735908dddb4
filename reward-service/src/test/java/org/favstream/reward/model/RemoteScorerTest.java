// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.function.Consumer;
import org.favstream.actors.config.ConfigurationException;
import org.favstream.protocol.Noise;
import org.favstream.sampler.noise.NoiseSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a real HTTP server on loopback, with pauses and cool-downs that nobody waits for. */
@Timeout(60)
class RemoteScorerTest {
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

  private static RemoteScorer.Settings settings(
      String url, Duration timeout, int retries, int batch, int failures) {
    return new RemoteScorer.Settings(
        url, timeout, retries, batch, 2, failures, Duration.ofSeconds(30), "");
  }

  private static RemoteScorer.Settings once(ScorerServer server) {
    return settings(server.url(), LONG, 0, 100, 100);
  }

  private RemoteScorer scorer(RemoteScorer.Settings settings) {
    return new RemoteScorer(settings, Optional.empty(), new Backoff(() -> 0.5, pauses::add), clock);
  }

  private static double[] values(RemoteScorer scorer, double... particles) {
    return scorer.values(particles.length, particles, new float[0]);
  }

  @Test
  void shouldAskForEveryRowOnceAndKeepTheirOrder() throws IOException {
    try (ScorerServer server = new ScorerServer(ScorerServer.RIGHT);
        RemoteScorer scorer = scorer(settings(server.url(), LONG, 0, 4, 1))) {
      double[] particles = new double[20];
      float[] contexts = new float[30];
      double[] expected = new double[10];
      for (int row = 0; row < 10; row++) {
        particles[2 * row] = row / 3.0;
        particles[2 * row + 1] = -1e-9;
        contexts[3 * row + 1] = 0.1f * row;
        expected[row] = row / 3.0 * (row / 3.0) + -1e-9 * -1e-9 + (double) (0.1f * row);
      }
      assertThat(scorer.values(10, particles, contexts)).containsExactly(expected); // to the bit
      assertThat(server.asked().stream().map(asked -> asked.get("particles").size()))
          .containsExactlyInAnyOrder(4, 4, 2);
      JsonNode any = server.asked().get(0);
      assertThat(any.get("particles").get(0)).hasSize(2);
      assertThat(any.get("contexts").get(0)).hasSize(3);
      assertThat(scorer.values(0, new double[0], new float[0])).isEmpty();
      assertThat(server.asked()).hasSize(3);
    }
  }

  @Test
  void shouldGiveEmptyContextsWhenThereAreNone() throws IOException {
    try (ScorerServer server = new ScorerServer(ScorerServer.RIGHT);
        RemoteScorer scorer = scorer(once(server))) {
      assertThat(values(scorer, 2, 3)).containsExactly(4, 9);
      assertThat(server.asked()).hasSize(1);
      assertThat(server.asked().get(0))
          .hasToString("{\"particles\":[[2.0],[3.0]],\"contexts\":[[],[]]}");
    }
  }

  /** Each request waits for another one to be there: alone it would never end. */
  @Test
  void shouldHaveAsManyRequestsUnderWayAsItMayAndNoMore() throws IOException {
    CyclicBarrier pair = new CyclicBarrier(2);
    ScorerServer.Handler together =
        (exchange, asked) -> {
          try {
            pair.await();
          } catch (InterruptedException | BrokenBarrierException e) {
            throw new IOException(e);
          }
          ScorerServer.RIGHT.handle(exchange, asked);
        };
    try (ScorerServer server = new ScorerServer(together);
        RemoteScorer scorer = scorer(settings(server.url(), LONG, 0, 1, 1))) {
      assertThat(values(scorer, 1, 2, 3, 4, 5, 6)).containsExactly(1, 4, 9, 16, 25, 36);
      assertThat(server.mostAtOnce()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"rewards\": [1]} | got 1 rewards, expected {\"rewards\": [...]} of 2 finite numbers",
        "{\"rewards\": [1, 2, 3]} | got 3 rewards",
        "{\"rewards\": [1, NaN]} | rewards[1] is NaN, expected",
        "{\"rewards\": [1, Infinity]} | rewards[1] is Infinity",
        "{\"rewards\": [-1e999, 1]} | rewards[0] is -Infinity",
        "{\"rewards\": [null, 1]} | rewards[0] is null",
        "{\"rewards\": [1, \"2\"]} | rewards[1] is 2, expected",
        "{\"rewards\": [1, true]} | rewards[1] is true",
        "{\"rewards\": 7} | got no array 'rewards' (it begins: {\"rewards\": 7})",
        "{\"scores\": [1, 2]} | got no array 'rewards'",
        "[1, 2] | got no array 'rewards' (it begins: [1, 2])",
        "`` | got no array 'rewards' (it begins: nothing)",
        "<html>welcome</html> | got no JSON",
        "<html>welcome</html> | it begins: <html>welcome</html>), expected",
        "{\"rewards\": [1, | got no JSON",
        "{\"rewards\": [1, 2]} and more | got no JSON",
      })
  void shouldNameTheScorerAndWhatItGotWhenTheAnswerIsWrong(String body, String named)
      throws IOException {
    try (ScorerServer server = new ScorerServer(ScorerServer.text(body));
        RemoteScorer scorer = scorer(settings(server.url(), LONG, 3, 100, 1))) {
      assertThatThrownBy(() -> values(scorer, 1, 2))
          .isInstanceOf(RewardModelException.class)
          .hasMessageStartingWith("remote scorer " + server.url() + ": ")
          .hasMessageContaining(named);
      assertThat(server.asked()).hasSize(1); // the next answer would be the same
      server.does(ScorerServer.RIGHT);
      assertThat(values(scorer, 3)).containsExactly(9); // and nothing is cut off
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {201, 204, 400, 401, 404})
  void shouldNameTheStatusWhenItIsNotTheExpectedOne(int status) throws IOException {
    String body = status == 204 ? "" : "no\nsuch thing";
    try (ScorerServer server = new ScorerServer(ScorerServer.status(status, body));
        RemoteScorer scorer = scorer(settings(server.url(), LONG, 3, 100, 1))) {
      assertThatThrownBy(() -> values(scorer, 1))
          .isInstanceOf(RewardModelException.class)
          .hasMessage(
              "remote scorer %s: HTTP status %d (%s), expected 200"
                  .formatted(server.url(), status, status == 204 ? "nothing" : "no such thing"));
      assertThat(server.asked()).hasSize(1);
    }
  }

  @Test
  void shouldFollowNoRedirect() throws IOException {
    try (ScorerServer server =
            new ScorerServer(
                (exchange, asked) -> {
                  exchange.getResponseHeaders().add("Location", "/elsewhere");
                  ScorerServer.send(exchange, 307, "");
                });
        RemoteScorer scorer = scorer(once(server))) {
      assertThatThrownBy(() -> values(scorer, 1))
          .hasMessageContaining(server.url())
          .hasMessageContaining("HTTP status 307 to '/elsewhere', expected 200")
          .hasMessageContaining("give the final address");
    }
  }

  /** The handler goes on until nobody reads any more. */
  @Test
  void shouldReadNoEndlessAnswer() throws IOException {
    CompletableFuture<Void> cut = new CompletableFuture<>();
    try (ScorerServer server =
            new ScorerServer(
                (exchange, asked) -> {
                  exchange.sendResponseHeaders(200, 0);
                  try (OutputStream out = exchange.getResponseBody()) {
                    byte[] part = " ".repeat(10_000).getBytes(StandardCharsets.UTF_8);
                    while (true) {
                      out.write(part);
                    }
                  } catch (IOException e) {
                    cut.complete(null);
                  }
                });
        RemoteScorer scorer = scorer(once(server))) {
      assertThatThrownBy(() -> values(scorer, 1))
          .hasMessageContaining(server.url())
          .hasMessageContaining("got more than 65600 bytes, expected {\"rewards\": [...]} of 1");
      cut.join();
    }
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
    try (RemoteScorer scorer = scorer(settings(server.url(), SHORT, 1, 100, 100))) {
      assertThatThrownBy(() -> values(scorer, 1))
          .isInstanceOf(RewardModelException.class)
          .hasMessage(
              "remote scorer %s: no answer within 200 ms (asked 2 times)".formatted(server.url()));
      assertThat(server.asked()).hasSize(2);
    }
  }

  @Test
  void shouldPauseLongerAndLongerWhenNobodyIsThere() throws IOException {
    String url;
    try (ScorerServer server = new ScorerServer(ScorerServer.RIGHT)) {
      url = server.url();
    }
    try (RemoteScorer scorer = scorer(settings(url, LONG, 9, 100, 100))) {
      assertThatThrownBy(() -> values(scorer, 1))
          .isInstanceOf(RewardModelException.class)
          .hasMessageContaining("remote scorer " + url + ": no answer: ")
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
        RemoteScorer scorer = scorer(settings(server.url(), LONG, 1, 100, 100))) {
      server.does(
          (exchange, asked) -> {
            server.does(ScorerServer.RIGHT);
            ScorerServer.send(exchange, status, "busy");
          });
      assertThat(values(scorer, 3)).containsExactly(9);
      assertThat(server.asked()).hasSize(2);
      server.does(ScorerServer.status(status, "busy"));
      assertThatThrownBy(() -> values(scorer, 3))
          .hasMessageContaining(
              "HTTP status %d (busy), expected 200 (asked 2 times)".formatted(status));
    }
  }

  @Test
  void shouldAskNobodyAfterFailuresInARowUntilOneRequestSucceeds() throws IOException {
    try (ScorerServer server = new ScorerServer(ScorerServer.RIGHT);
        RemoteScorer scorer = scorer(settings(server.url(), LONG, 0, 1, 3))) {
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
      assertThatThrownBy(() -> values(scorer, 1)).hasMessage(open);
      clock.advance(Duration.ofSeconds(30));
      assertThatThrownBy(() -> values(scorer, 1, 2)).hasMessage(open);
      assertThat(server.asked()).hasSize(6);
      // Half open: one request, which fails.
      clock.advance(Duration.ofSeconds(1));
      server.does(ScorerServer.status(500, "no"));
      assertThatThrownBy(() -> values(scorer, 1, 2, 3)).hasMessageContaining("500 (no)");
      assertThat(server.asked()).hasSize(7);
      assertThatThrownBy(() -> values(scorer, 1)).hasMessageContaining("not asked");
      // Half open again: one request, and all the others only after it.
      clock.advance(Duration.ofSeconds(31));
      server.does(ScorerServer.RIGHT);
      assertThat(values(scorer, 1, 2, 3)).containsExactly(1, 4, 9);
      assertThat(values(scorer, 4, 5)).containsExactly(16, 25);
      assertThat(server.asked()).hasSize(12);
    }
  }

  private static void ask(RemoteScorer scorer) {
    try {
      double[] unused = values(scorer, 1);
    } catch (RewardModelException expected) {
      assertThat(expected).hasMessageContaining("503");
    }
  }

  /** Were it retried, all retries would fail at the breaker. */
  @Test
  void shouldStopRetryingWhenTheBreakerOpens() throws IOException {
    try (ScorerServer server = new ScorerServer(ScorerServer.status(503, "gone"));
        RemoteScorer scorer = scorer(settings(server.url(), LONG, 50, 1, 3))) {
      assertThatThrownBy(() -> values(scorer, 1)).hasMessageContaining("not asked");
      assertThat(server.asked()).hasSize(3);
    }
  }

  @Test
  void shouldGiveUpTheOtherBatchesWhenOneFails() throws IOException {
    try (ScorerServer server = new ScorerServer(ScorerServer.RIGHT);
        RemoteScorer scorer = scorer(settings(server.url(), LONG, 0, 1, 100))) {
      server.does(
          (exchange, asked) -> {
            if (asked.get("particles").get(0).get(0).doubleValue() == 2) {
              ScorerServer.send(exchange, 200, "{}");
            } else {
              server.hang();
            }
          });
      assertThatThrownBy(() -> values(scorer, 1, 2, 3, 4)).hasMessageContaining("no array");
      server.does(ScorerServer.RIGHT);
      assertThat(values(scorer, 5, 6)).containsExactly(25, 36); // no thread still hangs
    }
  }

  @Test
  void shouldEndAtOnceWhenItIsInterrupted() throws IOException {
    try (ScorerServer server = new ScorerServer(ScorerServer.RIGHT);
        RemoteScorer scorer = scorer(once(server))) {
      Thread asking = Thread.currentThread();
      server.does(
          (exchange, asked) -> {
            asking.interrupt();
            server.hang();
          });
      assertThatThrownBy(() -> values(scorer, 1))
          .hasMessageContaining(server.url())
          .hasMessageContaining("interrupted before it answered");
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void shouldSayWhichParticleCannotBeSent() throws IOException {
    try (ScorerServer server = new ScorerServer(ScorerServer.RIGHT);
        RemoteScorer scorer = scorer(settings(server.url(), LONG, 3, 2, 1))) {
      assertThatThrownBy(() -> values(scorer, 1, 2, 3, Double.NaN))
          .hasMessageContaining("not asked: particle 3 holds NaN, expected finite numbers");
      assertThatThrownBy(
              () -> scorer.values(1, new double[1], new float[] {Float.POSITIVE_INFINITY}))
          .hasMessageContaining("the context of particle 0 holds Infinity");
    }
  }

  @Test
  void shouldSendTheTokenWhenThereIsOne() throws IOException {
    try (ScorerServer server = new ScorerServer(ScorerServer.RIGHT)) {
      RemoteScorer.Settings settings =
          new RemoteScorer.Settings(server.url(), LONG, 0, 1, 1, 1, LONG, "SCORER_TOKEN");
      Optional<String> token = settings.token(Map.of("SCORER_TOKEN", "s3cret\n"));
      try (RemoteScorer scorer = new RemoteScorer(settings, token);
          RemoteScorer without = new RemoteScorer(once(server), Optional.empty())) {
        assertThat(values(scorer, 1)).containsExactly(1);
        assertThat(values(without, 1)).containsExactly(1);
      }
      assertThat(server.authorizations()).containsExactly("Bearer s3cret", "null");
      assertThatThrownBy(() -> settings.token(Map.of()))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("reward.remote.token-env")
          .hasMessageContaining("SCORER_TOKEN is not set here");
      assertThat(once(server).token(Map.of())).isEmpty();
    }
  }

  @Test
  void shouldKeepTheQueryOfItsAddressToItself() throws IOException {
    try (ScorerServer server = new ScorerServer(ScorerServer.status(404, "no"));
        RemoteScorer scorer = scorer(settings(server.url() + "?key=s3cret", LONG, 0, 1, 1))) {
      assertThatThrownBy(() -> values(scorer, 1))
          .hasMessageContaining(server.url() + ": ")
          .hasMessageNotContaining("s3cret");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ftp://host/ | | got 'ftp://host/', expected an http or https address",
        "host:80 | | expected an http or https address",
        "http:///score | | expected an http or https address",
        "not an address | | expected an http or https address",
        "https://user:s3cret@host/ | | holds a user and a password: name an environment variable",
        "http://10.0.0.1/ | TOKEN | expected https, for a token goes beyond this machine",
        "http://127.0.0.1.evil.org/ | TOKEN | expected https",
      })
  void shouldRefuseAnAddressThatCannotBeUsed(String url, String variable, String expected) {
    String token = variable == null ? "" : variable;
    assertThatThrownBy(() -> new RemoteScorer.Settings(url, LONG, 0, 1, 1, 1, LONG, token))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("reward.remote.url: ")
        .hasMessageContaining(expected)
        .hasMessageNotContaining("s3cret");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"http://localhost/", "http://127.0.0.1:80/", "http://[::1]:80/", "https://a.b/"})
  void shouldTakeATokenWhereItIsSafe(String url) {
    assertThat(new RemoteScorer.Settings(url, LONG, 0, 1, 1, 1, LONG, "TOKEN").url())
        .isEqualTo(url);
  }

  /** The numbers go there and come back to the bit, so the estimate is the same as at home. */
  @Test
  void shouldGiveTheSameGradientAsTheSameBoxAtHome() throws IOException {
    RemoteScorer.Settings settings;
    RewardModel.Block block =
        new RewardModel.Block(
            2, 9, 2, NoiseSource.normals(new Noise(3, 3), 36), new float[] {1, 2}, new Noise(3, 3));
    NesReward.Settings nes = new NesReward.Settings(0.01, 4);
    BlackBox home =
        (rows, particles, contexts) -> {
          double[] values = new double[rows];
          for (int row = 0; row < rows; row++) {
            values[row] =
                particles[2 * row] * particles[2 * row]
                    + particles[2 * row + 1] * particles[2 * row + 1]
                    + contexts[row];
          }
          return values;
        };
    try (ScorerServer server = new ScorerServer(ScorerServer.RIGHT)) {
      settings = settings(server.url(), LONG, 0, 50, 1);
      try (RewardModel there = new NesReward(scorer(settings), nes);
          RewardModel here = new NesReward(home, nes)) {
        RewardModel.Rewards got = there.evaluate(block);
        RewardModel.Rewards expected = here.evaluate(block);
        assertThat(got.values()).containsExactly(expected.values());
        assertThat(got.gradients()).containsExactly(expected.gradients());
      }
      assertThat(server.asked()).hasSize(4); // 18 rows, 9 times, in fifties
    }
  }
}
