// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.favstream.actors.weights.Safetensors;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.infra.job.JobCatalog;
import org.favstream.infra.system.RealBroker;
import org.favstream.infra.system.TestLog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs from the command line, and what they leave. */
@ExtendWith(RealBroker.class)
class RunCommandIT {
  private static final String TOY = "eight-gaussians";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_LAG = 2;

  @TempDir private Path folder;

  /** A run that takes next to no time but for its start. */
  private static Cli run(Path out, long steps, String... more) {
    List<String> words = new ArrayList<>(List.of("run", TOY, "--json", "--seed", "5"));
    words.addAll(List.of("--out", out.toString(), "--steps", Long.toString(steps)));
    for (String setting :
        List.of(
            "generator.steps=1",
            "learner.max-lag=" + MAX_LAG,
            "learner.publish-every=2",
            "sampler.particles-per-context=64",
            "reference.pool=500",
            "reference.per-step=64",
            "evaluation.every=1s",
            "evaluation.samples=300",
            "evaluation.draws=2",
            "evaluation.data=3000")) {
      words.addAll(List.of("--set", setting));
    }
    words.addAll(List.of(more));
    return Cli.run(words.toArray(String[]::new)).requireDone();
  }

  private static JsonNode requireReport(Cli ended, Path out, long steps) throws IOException {
    JsonNode report = JSON.readTree(ended.out()); // and nothing beside it
    assertThat(Files.readString(out.resolve("report.json"))).isEqualTo(ended.out());
    List<String> fields = new ArrayList<>();
    report.fieldNames().forEachRemaining(fields::add);
    assertThat(fields)
        .containsExactly(
            "job",
            "run",
            "seed",
            "reward",
            "weightsVersion",
            "steps",
            "generations",
            "refused",
            "lag",
            "seconds",
            "metrics");
    assertThat(report.get("job").asText()).isEqualTo(TOY);
    assertThat(report.get("run").asText())
        .isNotBlank()
        .isEqualTo(JSON.readTree(out.resolve("run.json").toFile()).get("run").asText());
    assertThat(report.get("seed").asLong()).isEqualTo(5);
    assertThat(report.get("steps").asLong()).isEqualTo(steps);
    assertThat(report.get("generations").asLong()).isEqualTo(64 * steps);
    assertThat(report.get("refused").asLong()).isZero();
    assertThat(report.at("/lag/max").asLong()).isBetween(0L, (long) MAX_LAG);
    assertThat(report.at("/lag/mean").asDouble()).isBetween(0.0, report.at("/lag/max").asDouble());
    assertThat(report.get("weightsVersion").asLong()).isGreaterThanOrEqualTo(steps / 2);
    assertThat(report.get("seconds").isNumber()).isTrue();
    for (String metric : List.of("kl", "mmd2", "rewardMean", "klStd", "klFloor")) {
      assertThat(report.get("metrics").get(metric).isNumber()).describedAs(metric).isTrue();
    }
    return report;
  }

  private static Weights requireFiles(Path out, JsonNode report)
      throws IOException, WeightsException {
    Safetensors file = Safetensors.read(out.resolve("weights.safetensors"));
    assertThat(file.metadata())
        .containsEntry("run", report.get("run").asText())
        .containsEntry("step", report.get("steps").asText())
        .containsEntry("version", report.get("weightsVersion").asText());
    Weights first = JobCatalog.load(TOY, List.of()).initialWeights();
    Weights last = file.toWeights().requireTensors(first.tensors());
    assertThat(last).isNotEqualTo(first);
    assertThat(Files.readString(out.resolve("picture.svg"))).startsWith("<svg").contains("</svg>");
    List<String> lines = Files.readAllLines(out.resolve("metrics.jsonl"));
    assertThat(lines).isNotEmpty();
    for (String line : lines) {
      JsonNode metric = JSON.readTree(line);
      assertThat(metric.get("t").isNumber()).describedAs(line).isTrue();
      assertThat(metric.get("step").asLong()).isLessThanOrEqualTo(report.get("steps").asLong());
    }
    return last;
  }

  @Test
  void shouldLeaveAReportAndGoOnWhereItEnded() throws IOException, WeightsException {
    Path out = folder.resolve("run");
    Cli first = run(out, 40);
    JsonNode report = requireReport(first, out, 40);
    Weights after40 = requireFiles(out, report);

    Cli second = run(out, 70, "--resume");
    assertThat(second.err()).contains("goes on from version", "step 40");
    JsonNode resumed = requireReport(second, out, 70);
    assertThat(resumed.get("run")).isEqualTo(report.get("run"));
    assertThat(resumed.get("weightsVersion").asLong())
        .isGreaterThan(report.get("weightsVersion").asLong());
    assertThat(resumed.get("seconds").asDouble()).isGreaterThan(report.get("seconds").asDouble());
    Weights after70 = requireFiles(out, resumed);
    assertThat(after70).isNotEqualTo(after40);

    // All steps are taken already: it measures the same weights again.
    JsonNode done = requireReport(run(out, 70, "--resume"), out, 70);
    assertThat(requireFiles(out, done)).isEqualTo(after70);
    assertThat(done.get("metrics")).isEqualTo(resumed.get("metrics"));

    JsonNode evaluated =
        JSON.readTree(
            Cli.run("evaluate", TOY, "--run", out.toString(), "--json").requireDone().out());
    assertThat(evaluated).isEqualTo(done);
  }

  @Test
  void shouldRunOnAGivenCluster(TestLog log) throws IOException, WeightsException {
    Path out = folder.resolve("given");
    Cli ended =
        run(
            out,
            20,
            "--bootstrap-servers",
            log.bootstrapServers(),
            "--set",
            "sampler.count=2",
            "--set",
            "reward.workers=2");
    requireFiles(out, requireReport(ended, out, 20));
    assertThat(out.resolve("broker")).doesNotExist();
  }
}
