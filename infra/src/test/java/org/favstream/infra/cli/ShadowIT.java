// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.favstream.actors.weights.Safetensors;
import org.favstream.infra.job.Job;
import org.favstream.infra.job.JobCatalog;
import org.favstream.infra.run.LiveRun;
import org.favstream.infra.run.LocalRun;
import org.favstream.infra.run.Report;
import org.favstream.infra.run.RunException;
import org.favstream.infra.run.RunFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A shadow sees live groups and changes nothing: the same weights with and without. */
class ShadowIT {
  private static final long PATIENCE_SECONDS = 120;
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  /** In lock step with one sampler, so that two runs of one seed give the same weights. */
  private CompletableFuture<Report> run(Path out) {
    Job job =
        JobCatalog.load(
            "eight-gaussians",
            List.of(
                "generator.steps=1",
                "sampler.particles-per-context=64",
                "sampler.count=1",
                "learner.max-lag=0",
                "learner.publish-every=1",
                "learner.steps=200",
                "run.duration=0s",
                "reference.pool=500",
                "reference.per-step=64",
                "evaluation.every=1h",
                "evaluation.samples=200",
                "evaluation.draws=1",
                "evaluation.data=2000",
                "reward.models.cache=\"" + folder.resolve("cache") + "\""));
    LocalRun.Console nobody =
        new LocalRun.Console(new PrintStream(OutputStream.nullOutputStream(), true, UTF_8), false);
    return CompletableFuture.supplyAsync(
        () -> {
          Clock clock = Clock.systemUTC();
          try (RunFolder opened = RunFolder.open(out, job, false, clock.instant())) {
            return new LocalRun(new LocalRun.Options(job, Optional.empty()), opened, nobody, clock)
                .run();
          } catch (RunException e) {
            throw new AssertionError(e);
          }
        });
  }

  private static Cli reward(Path out, String... words) {
    List<String> all = new ArrayList<>(List.of("reward"));
    all.addAll(Arrays.asList(words));
    all.addAll(List.of("--run", out.toString()));
    return Cli.run(all.toArray(String[]::new));
  }

  private static void await(CompletableFuture<?> run, Condition condition)
      throws IOException, RunException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.holds()) {
      assertThat(run).describedAs("the run, meanwhile").isNotDone();
      assertThat(System.nanoTime()).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private interface Condition {
    boolean holds() throws IOException, RunException;
  }

  private static float[] weights(Path out) throws Exception {
    return Safetensors.read(out.resolve("weights.safetensors")).toWeights().values();
  }

  @Test
  void shouldGiveTheSameWeightsWithAShadowAndWithout() throws Exception {
    Path shadowed = folder.resolve("shadowed");
    CompletableFuture<Report> first = run(shadowed);
    await(first, () -> LiveRun.read(shadowed).isPresent());
    reward(shadowed, "add", "flipped", "--sum", "eight-gaussians=-1").requireDone();
    reward(shadowed, "shadow", "flipped", "--share", "1").requireDone();
    await(
        first,
        () -> {
          JsonNode list = JSON.readTree(reward(shadowed, "list", "--json").requireDone().out());
          return list.findValues("result").stream()
              .anyMatch(result -> result.path("groups").asLong() > 5);
        });
    assertThat(first.get(PATIENCE_SECONDS, TimeUnit.SECONDS).steps()).isEqualTo(200);

    Path plain = folder.resolve("plain");
    assertThat(run(plain).get(PATIENCE_SECONDS, TimeUnit.SECONDS).refused()).isZero();
    assertThat(weights(shadowed)).containsExactly(weights(plain));
  }
}
