// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.favstream.actors.config.JobConfig;
import org.favstream.protocol.Noise;
import org.favstream.reward.model.BuiltinRewards;
import org.favstream.reward.model.RewardModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The server in the documentation, as it stands there. Skipped, loudly, without Python. */
@Timeout(120)
class RemoteScorerExampleTest {
  private static final String PAGE = "docs/remote-scorer.md";

  @TempDir private Path folder;

  @Test
  void shouldScoreWithTheServerOfThePage() throws IOException {
    String page = Files.readString(Path.of(PAGE));
    String begin = "```python\n";
    int from = page.indexOf(begin) + begin.length();
    String server = page.substring(from, page.indexOf("```", from));
    assertThat(server).contains("8000");
    Path script = folder.resolve("scorer.py");
    Files.writeString(script, server.replace("8000", "0")); // whichever is free
    Process python = start(script);
    try (BufferedReader out = python.inputReader()) {
      String line = Objects.requireNonNull(out.readLine(), "it ended without a word");
      assertThat(line).startsWith("listening on port ");
      assertScores("http://127.0.0.1:" + line.substring(line.lastIndexOf(' ') + 1) + "/");
    } finally {
      python.destroyForcibly();
    }
  }

  private Process start(Path script) throws IOException {
    try {
      return new ProcessBuilder("python3", script.toString())
          .redirectError(Redirect.to(folder.resolve("errors.log").toFile()))
          .start();
    } catch (IOException e) {
      String reason = "SKIPPED: the server of " + PAGE + ": " + e.getMessage();
      System.err.println(reason);
      return abort(reason);
    }
  }

  /** Its reward is {@code -‖x‖²}, whose gradient is {@code -2x}. */
  private static void assertScores(String url) {
    List<String> overrides =
        List.of(
            "kind=remote",
            "gradient=nes",
            "nes.samples=1000",
            "remote.url=" + url,
            "remote.batch=1000");
    float[] particles = {1, 0.5f, -2, 0};
    try (RewardModel model =
        JobConfig.section("reward", overrides).read(BuiltinRewards::of).get()) {
      RewardModel.Rewards rewards =
          model.evaluate(new RewardModel.Block(1, 2, 2, particles, new float[0], new Noise(1, 0)));
      assertThat(rewards.values()).containsExactly(-1.25f, -4);
      for (int i = 0; i < particles.length; i++) {
        assertThat(rewards.gradients()[i])
            .isBetween(-2 * particles[i] - 0.5f, -2 * particles[i] + 0.5f);
      }
    }
  }
}
