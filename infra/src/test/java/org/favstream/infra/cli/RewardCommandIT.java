// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run in a process of its own, whose reward is changed from another. */
class RewardCommandIT {
  private static final long PATIENCE_SECONDS = 180;
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  private Process start(Path out, Path said) throws IOException {
    List<String> command = Cli.java();
    command.addAll(List.of("run", "eight-gaussians", "--out", out.toString()));
    command.addAll(List.of("--duration", "10m"));
    for (String setting :
        List.of(
            "generator.steps=1",
            "sampler.particles-per-context=64",
            "reference.pool=500",
            "reference.per-step=64",
            "evaluation.every=1h",
            "evaluation.samples=300",
            "evaluation.draws=1",
            "evaluation.data=3000",
            "reward.models.cache=\"" + folder.resolve("cache") + "\"")) {
      command.addAll(List.of("--set", setting));
    }
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(said.toFile())
        .start();
  }

  private static void awaitSaid(Process run, Path said, String what)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!Files.readString(said).contains(what)) {
      assertThat(run.isAlive()).describedAs(Files.readString(said)).isTrue();
      assertThat(System.nanoTime()).describedAs(Files.readString(said)).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  private static Cli reward(Path out, String... words) {
    List<String> all = new ArrayList<>(List.of("reward"));
    all.addAll(Arrays.asList(words));
    all.addAll(List.of("--run", out.toString()));
    return Cli.run(all.toArray(String[]::new));
  }

  @Test
  void shouldChangeTheRewardOfARunThatGoesOn() throws IOException, InterruptedException {
    Path out = folder.resolve("run");
    Path said = folder.resolve("said.txt");
    Process run = start(out, said);
    try {
      awaitSaid(run, said, "step ");
      reward(out, "add", "low", "--builtin", "eight-gaussians")
          .requireDone(); // the job's own again, by another name
      reward(out, "add", "flipped", "--sum", "low=-1").requireDone();
      assertThat(reward(out, "backtest", "flipped", "--last", "640", "--gate", "rank>0").status())
          .isEqualTo(3);
      reward(out, "activate", "flipped").requireRefused(3, "did not pass its gate");
      assertThat(
              reward(
                      out,
                      "backtest",
                      "low",
                      "--last",
                      "640",
                      "--gate",
                      "rank>=0.99,grad-cosine>=0.99")
                  .requireDone()
                  .out())
          .contains("low@1 against eight-gaussians@1", "passed");
      reward(out, "activate", "low", "--require-backtest", "--reason", "a test").requireDone();
      awaitSaid(run, said, "the reward is low@1 from here on");
      reward(out, "rollback").requireDone();
      awaitSaid(run, said, "the reward is eight-gaussians@1 from here on");
      JsonNode events =
          JSON.readTree(reward(out, "history", "--json").requireDone().out()).path("events");
      assertThat(events.findValuesAsText("event"))
          .containsExactly(
              "added", "added", "backtested", "backtested", "activated", "rolled-back");
      assertThat(events.findValues("void")).isEmpty();
    } finally {
      run.destroy(); // a clean end, with its report
    }
    assertThat(run.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    JsonNode report = JSON.readTree(out.resolve("report.json").toFile());
    assertThat(report.path("refused").asLong()).isZero();
    assertThat(report.at("/lag/max").asLong()).isLessThanOrEqualTo(4);
    assertThat(out.resolve("live.json")).doesNotExist();
    reward(out, "list").requireRefused(1, "no run goes on in " + out);
  }
}
