// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.favstream.actors.config.ConfigurationException;
import org.favstream.protocol.Noise;
import org.favstream.sampler.noise.NoiseSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is asked and answered, with a real HTTP server on loopback. */
@Timeout(60)
class RemoteScorerTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  private static RemoteScorer scorer(RemoteScorer.Settings settings) {
    return new RemoteScorer(settings, Optional.empty());
  }

  @Test
  void shouldAskForEveryRowOnceAndKeepTheirOrder() throws IOException {
    try (ScorerServer server = new ScorerServer(ScorerServer.RIGHT);
        RemoteScorer scorer = scorer(server.settings(LONG, 0, 4, 1))) {
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
        RemoteScorer scorer = scorer(server.settings(LONG, 0, 100, 100))) {
      assertThat(ScorerServer.values(scorer, 2, 3)).containsExactly(4, 9);
      assertThat(server.asked()).hasSize(1);
      assertThat(server.asked().get(0))
          .hasToString("{\"particles\":[[2.0],[3.0]],\"contexts\":[[],[]]}");
    }
  }

  /** Each request waits for another one to be there: alone it would never end. */
  @Test
  void shouldHaveAsManyRequestsUnderWayAsItMayAndNoMore() throws IOException {
    CyclicBarrier pair = new CyclicBarrier(2);
    AtomicInteger atOnce = new AtomicInteger();
    AtomicInteger mostAtOnce = new AtomicInteger();
    ScorerServer.Handler together =
        (exchange, asked) -> {
          mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
          try {
            pair.await();
          } catch (InterruptedException | BrokenBarrierException e) {
            throw new IOException(e);
          }
          // Before the answer: whoever gets it may ask again at once.
          atOnce.decrementAndGet();
          ScorerServer.RIGHT.handle(exchange, asked);
        };
    try (ScorerServer server = new ScorerServer(together);
        RemoteScorer scorer = scorer(server.settings(LONG, 0, 1, 1))) {
      assertThat(ScorerServer.values(scorer, 1, 2, 3, 4, 5, 6))
          .containsExactly(1, 4, 9, 16, 25, 36);
      assertThat(mostAtOnce).hasValue(2);
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
        RemoteScorer scorer = scorer(server.settings(LONG, 3, 100, 1))) {
      assertThatThrownBy(() -> ScorerServer.values(scorer, 1, 2))
          .isInstanceOf(RewardModelException.class)
          .hasMessageStartingWith("remote scorer " + server.url() + ": ")
          .hasMessageContaining(named);
      assertThat(server.asked()).hasSize(1); // the next answer would be the same
      server.does(ScorerServer.RIGHT);
      assertThat(ScorerServer.values(scorer, 3)).containsExactly(9); // and nothing is cut off
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {201, 204, 400, 401, 404})
  void shouldNameTheStatusWhenItIsNotTheExpectedOne(int status) throws IOException {
    String body = status == 204 ? "" : "no\nsuch thing";
    try (ScorerServer server = new ScorerServer(ScorerServer.status(status, body));
        RemoteScorer scorer = scorer(server.settings(LONG, 3, 100, 1))) {
      assertThatThrownBy(() -> ScorerServer.values(scorer, 1))
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
        RemoteScorer scorer = scorer(server.settings(LONG, 0, 100, 100))) {
      assertThatThrownBy(() -> ScorerServer.values(scorer, 1))
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
        RemoteScorer scorer = scorer(server.settings(LONG, 0, 100, 100))) {
      assertThatThrownBy(() -> ScorerServer.values(scorer, 1))
          .hasMessageContaining(server.url())
          .hasMessageContaining("got more than 65600 bytes, expected {\"rewards\": [...]} of 1");
      cut.join();
    }
  }

  @Test
  void shouldSayWhichParticleCannotBeSent() throws IOException {
    try (ScorerServer server = new ScorerServer(ScorerServer.RIGHT);
        RemoteScorer scorer = scorer(server.settings(LONG, 3, 2, 1))) {
      assertThatThrownBy(() -> ScorerServer.values(scorer, 1, 2, 3, Double.NaN))
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
          RemoteScorer without =
              new RemoteScorer(server.settings(LONG, 0, 100, 100), Optional.empty())) {
        assertThat(ScorerServer.values(scorer, 1)).containsExactly(1);
        assertThat(ScorerServer.values(without, 1)).containsExactly(1);
      }
      assertThat(server.authorizations()).containsExactly("Bearer s3cret", "null");
      assertThatThrownBy(() -> settings.token(Map.of()))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("reward.remote.token-env")
          .hasMessageContaining("SCORER_TOKEN is not set here");
      assertThat(server.settings(LONG, 0, 100, 100).token(Map.of())).isEmpty();
    }
  }

  @Test
  void shouldKeepTheQueryOfItsAddressToItself() throws IOException {
    try (ScorerServer server = new ScorerServer(ScorerServer.status(404, "no"));
        RemoteScorer scorer =
            scorer(
                new RemoteScorer.Settings(
                    server.url() + "?key=s3cret", LONG, 0, 1, 1, 1, LONG, ""))) {
      assertThatThrownBy(() -> ScorerServer.values(scorer, 1))
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
      try (RewardModel there = new NesReward(scorer(server.settings(LONG, 0, 50, 1)), nes);
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
