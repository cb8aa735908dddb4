// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.favstream.actors.weights.Safetensors;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.infra.job.JobCatalog;
import org.favstream.protocol.TensorSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A generator and a reward that are the user's own, from the command line to the weights file. */
class TorchScriptRunIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  private JsonNode run(Path job, Path out, long steps, String... more) throws IOException {
    List<String> words = new ArrayList<>(List.of("run", job.toString(), "--json", "--seed", "5"));
    words.addAll(List.of("--out", out.toString(), "--steps", Long.toString(steps)));
    words.addAll(List.of("--set", "sampler.count=2", "--set", "reward.workers=2"));
    words.addAll(List.of(more));
    JsonNode report = JSON.readTree(Cli.run(words.toArray(String[]::new)).requireDone().out());
    assertThat(report.get("steps").asLong()).isEqualTo(steps);
    assertThat(report.get("generations").asLong()).isEqualTo(64 * steps);
    assertThat(report.get("refused").asLong()).isZero();
    assertThat(report.at("/lag/max").asLong()).isBetween(0L, 2L);
    assertThat(report.at("/metrics/rewardMean").isNumber()).isTrue();
    return report;
  }

  private static Weights weights(Path out) throws IOException, WeightsException {
    return Safetensors.read(out.resolve("weights.safetensors")).toWeights();
  }

  @Test
  void shouldAlignAModuleByAModuleAndGoOnWhereItEnded() throws Exception {
    Path job = TorchScriptJob.write(folder);
    Path out = folder.resolve("run");
    JsonNode report = run(job, out, 40);
    Weights after40 = weights(out);
    assertThat(after40.tensors())
        .extracting(TensorSpec::name)
        .containsExactly(
            "net.0.weight",
            "net.0.bias",
            "net.2.weight",
            "net.2.bias",
            "net.4.weight",
            "net.4.bias");
    Weights own = JobCatalog.load(job.toString(), List.of()).initialWeights();
    assertThat(after40).isNotEqualTo(own);

    JsonNode resumed = run(job, out, 60, "--resume");
    assertThat(resumed.get("run")).isEqualTo(report.get("run"));
    Weights after60 = weights(out);
    assertThat(after60.tensors()).isEqualTo(own.tensors());
    assertThat(after60).isNotEqualTo(after40);

    Path file = out.resolve("weights.safetensors");
    JsonNode again =
        run(job, folder.resolve("again"), 2, "--set", "generator.weights=\"" + file + "\"");
    assertThat(again.get("run")).isNotEqualTo(report.get("run"));
    JsonNode evaluated =
        JSON.readTree(
            Cli.run("evaluate", job.toString(), "--run", out.toString(), "--json")
                .requireDone()
                .out());
    assertThat(evaluated).isEqualTo(resumed);
  }

  @Test
  void shouldAlignTheFeaturesOfAModulesSamples() throws Exception {
    Path job = TorchScriptJob.write(folder);
    Path out = folder.resolve("features");
    List<String> features = new ArrayList<>();
    for (String setting : TorchScriptJob.pinned("generator.features", "toy-turn")) {
      features.addAll(List.of("--set", setting));
    }
    features.addAll(List.of("--set", "evaluation.kind=reward"));
    JsonNode report = run(job, out, 10, features.toArray(String[]::new));
    assertThat(report.at("/metrics/rewardStd").asDouble()).isPositive();
    assertThat(weights(out).tensors())
        .isEqualTo(JobCatalog.load(job.toString(), List.of()).initialWeights().tensors());
  }
}
