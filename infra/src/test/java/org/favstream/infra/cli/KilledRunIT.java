// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run whose process is killed in the middle of everything goes on, and nothing is lost. */
class KilledRunIT {
  private static final long PATIENCE_SECONDS = 120;
  private static final Pattern STEP = Pattern.compile("\\bstep (\\d+) ");
  private static final int MAX_LAG = 3;

  @TempDir private Path folder;

  private static List<String> words(Path out) {
    List<String> words =
        new ArrayList<>(List.of("run", "eight-gaussians", "--json", "--out", out.toString()));
    for (String setting :
        List.of(
            "generator.steps=1",
            "learner.max-lag=" + MAX_LAG,
            "sampler.count=2",
            "sampler.particles-per-context=64",
            "reference.pool=500",
            "reference.per-step=64",
            "evaluation.every=1h",
            "evaluation.samples=300",
            "evaluation.draws=1",
            "evaluation.data=3000")) {
      words.addAll(List.of("--set", setting));
    }
    return words;
  }

  /** The first step of at least this number that the process speaks of. */
  private static long awaitStep(Process run, long step)
      throws InterruptedException, ExecutionException, TimeoutException {
    StringBuilder said = new StringBuilder();
    CompletableFuture<Long> reached =
        CompletableFuture.supplyAsync(
            () -> {
              try (BufferedReader lines =
                  new BufferedReader(
                      new InputStreamReader(run.getErrorStream(), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                  said.append(line).append('\n');
                  Matcher at = STEP.matcher(line);
                  if (at.find() && Long.parseLong(at.group(1)) >= step) {
                    return Long.parseLong(at.group(1));
                  }
                }
                throw new AssertionError("it ended: " + said);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    return reached.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @Test
  void shouldGoOnFromItsCheckpointWithNothingRefused()
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    Path out = folder.resolve("run");
    List<String> command = Cli.java("-Dfavstream.terminal=true"); // a line a second
    command.addAll(words(out));
    command.addAll(List.of("--duration", "10m"));
    Process run =
        new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    long step;
    try {
      step = awaitStep(run, 30);
    } finally {
      run.destroyForcibly(); // its broker lives on for a moment, in the same folder
    }
    assertThat(run.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(out.resolve("report.json")).doesNotExist();

    List<String> again = words(out);
    again.addAll(List.of("--resume", "--steps", Long.toString(step + 150)));
    Cli resumed = Cli.run(again.toArray(String[]::new)).requireDone();
    assertThat(resumed.err()).contains("goes on from version");
    JsonNode report = new ObjectMapper().readTree(resumed.out());
    assertThat(report.get("steps").asLong()).isEqualTo(step + 150);
    assertThat(report.get("generations").asLong()).isEqualTo(64 * (step + 150));
    assertThat(report.get("refused").asLong()).isZero();
    assertThat(report.at("/lag/max").asLong()).isBetween(0L, (long) MAX_LAG);

    // And the log holds all of which its weights were made, before the kill and after.
    Cli replayed = Cli.run("replay", "0..latest", "--out", out.toString(), "--json").requireDone();
    JsonNode replay = new ObjectMapper().readTree(replayed.out());
    assertThat(replay.get("agrees").asBoolean()).isTrue();
    assertThat(replay.get("to")).isEqualTo(report.get("weightsVersion"));
    assertThat(replay.get("steps").asLong()).isEqualTo(step + 150);
  }
}
