// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.favstream.infra.run.ComparedRuns;
import org.favstream.infra.run.Comparison;
import org.favstream.infra.run.LiveRun;
import org.favstream.infra.run.RunException;
import org.favstream.infra.system.RealBroker;
import org.favstream.infra.system.TestLog;
import org.favstream.infra.system.TestLoop;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Two runs beside each other. */
@ExtendWith(RealBroker.class)
class AbIT {
  private static final long PATIENCE_SECONDS = 120;

  private final TestLog log;

  @TempDir private Path folder;

  AbIT(TestLog log) {
    this.log = log;
  }

  @Test
  void shouldCompareTwoRunsOfOneJobOnOneBroker() throws Exception {
    Path job = folder.resolve("job.conf");
    Files.writeString(job, TestLoop.job("sampler.count=3").config().render());
    Path out = folder.resolve("ab");
    Cli done =
        Cli.run(
                "ab",
                job.toString(),
                "--a",
                "learner.beta=1",
                "learner.max-lag=2",
                "--b",
                "learner.beta=4",
                "--share",
                "0.3",
                "--steps",
                "10",
                "--out",
                out.toString(),
                "--json")
            .requireDone();
    JsonNode report = new ObjectMapper().readTree(done.out());
    assertThat(Files.readString(out.resolve("report.json"))).isEqualTo(done.out());
    assertThat(report.at("/a/samplers").asInt()).isEqualTo(1);
    assertThat(report.at("/b/samplers").asInt()).isEqualTo(2);
    for (String side : List.of("/a", "/b")) {
      assertThat(report.at(side + "/report/steps").asLong()).isEqualTo(10);
      assertThat(report.at(side + "/report/refused").asLong()).isZero();
      assertThat(report.at(side + "/report/seed").asLong()).isEqualTo(1);
      assertThat(out.resolve(side.substring(1)).resolve("weights.safetensors")).exists();
    }
    assertThat(report.at("/a/report/lag/max").asLong()).isLessThanOrEqualTo(2);
    assertThat(report.at("/a/report/run").asText()).endsWith("-a");
    assertThat(report.at("/b/report/run").asText()).endsWith("-b");
    assertThat(report.at("/b/set/0").asText()).isEqualTo("learner.beta=4");
    // KL is to the tilted target, and that is another with another beta; the reward is not.
    assertThat(report.get("measuredAlike").asBoolean()).isFalse();
    assertThat(report.at("/byA/a/kl")).isEqualTo(report.at("/a/report/metrics/kl"));
    assertThat(report.at("/byB/b/kl")).isEqualTo(report.at("/b/report/metrics/kl"));
    assertThat(report.at("/byA/b/kl")).isNotEqualTo(report.at("/byB/b/kl"));
    assertThat(report.at("/byA/b/rewardMean")).isEqualTo(report.at("/byB/b/rewardMean"));
    assertThat(Files.readString(out.resolve("curves.svg")))
        .contains("rewardMean", "learner.beta=4");
    assertThat(Files.isDirectory(out.resolve("broker"))).isTrue();

    Cli.run("ab", job.toString(), "--steps", "10", "--out", out.toString())
        .requireRefused(1, "holds a comparison already");
    // Each is a run like any other.
    Cli lineage = Cli.run("lineage", "latest", "--out", out.resolve("b").toString());
    assertThat(lineage.requireDone().out()).contains("version 3 of run", "-b");
  }

  @Test
  void shouldEndBothCleanlyWhenAsked() throws Exception {
    Path out = folder.resolve("ab");
    ComparedRuns runs =
        new ComparedRuns(
            new ComparedRuns.Asked(
                changes -> TestLoop.job(changes.toArray(String[]::new)),
                List.of(),
                List.of("learner.publish-every=2"),
                0.5,
                Optional.of(log.bootstrapServers())),
            Optional.of(out),
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
            Clock.systemUTC());
    CompletableFuture<Comparison> compared = CompletableFuture.supplyAsync(() -> done(runs));
    awaitSteps(out.resolve("a"));
    awaitSteps(out.resolve("b"));
    runs.finish();
    Comparison comparison = compared.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(comparison.a().report().steps()).isPositive();
    assertThat(comparison.b().report().steps()).isPositive();
    assertThat(comparison.measuredAlike()).isTrue();
    assertThat(out.resolve("broker")).doesNotExist();
    assertThat(LiveRun.read(out.resolve("a"))).isEmpty();
  }

  private static Comparison done(ComparedRuns runs) {
    try {
      return runs.run();
    } catch (RunException e) {
      throw new AssertionError(e);
    }
  }

  private static void awaitSteps(Path run) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    Path metrics = run.resolve("metrics.jsonl");
    while (!Files.exists(metrics) || !Files.readString(metrics).contains("\"loss\"")) {
      assertThat(System.nanoTime()).describedAs("steps in %s", run).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }
}
