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
import org.favstream.infra.system.RealBroker;
import org.favstream.infra.system.TestLog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A policy's run from the command line, whose critics are watched against what it really gets. */
@ExtendWith(RealBroker.class)
class WatchedPolicyIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  private final TestLog log;

  WatchedPolicyIT(TestLog log) {
    this.log = log;
  }

  private Path run(String... more) {
    Path out = folder.resolve("run");
    List<String> words = new ArrayList<>(List.of("run", "arm-tracking", "--json"));
    words.addAll(List.of("--out", out.toString()));
    words.addAll(List.of("--bootstrap-servers", log.bootstrapServers()));
    words.addAll(List.of(more));
    for (String setting :
        List.of(
            "generator.hidden=[16,16]",
            "critic.hidden=[16,16]",
            "critic.batch=32",
            "critic.states=16",
            "sampler.contexts-per-group=16",
            "sampler.particles-per-context=4",
            "dataset.episodes=3",
            "evaluation.every=300ms",
            "evaluation.contexts=2",
            "watch.gold.kind=episodes",
            "watch.episodes=2",
            "watch.samples=16")) {
      words.addAll(List.of("--set", setting));
    }
    Cli.run(words.toArray(String[]::new)).requireDone();
    return out;
  }

  private static JsonNode report(Path out) throws IOException {
    return JSON.readTree(Files.readString(out.resolve("report.json")));
  }

  @Test
  void shouldReadTheCriticsAndTheReturnWhileItRunsAndInItsReport() throws IOException {
    Path out = run("--steps", "150");
    JsonNode watched = report(out).at("/metrics/watch");
    assertThat(watched.path("activation").asLong(-1)).isZero();
    assertThat(watched.path("gold").asDouble()).describedAs("costs alone").isNegative();
    assertThat(watched.path("proxy").asDouble()).isNotZero();
    assertThat(watched.path("referenceDistance").asDouble()).isPositive();
    assertThat(Files.readString(out.resolve("watch.svg"))).contains("old reward");
    List<JsonNode> readings = new ArrayList<>();
    for (String line : Files.readAllLines(out.resolve("metrics.jsonl"))) {
      JsonNode reading = JSON.readTree(line).at("/metrics/watch");
      if (!reading.isMissingNode()) {
        readings.add(reading);
      }
    }
    assertThat(readings)
        .describedAs("critics judge the best so far anew")
        .anySatisfy(reading -> assertThat(reading.path("bestProxy").isNumber()).isTrue());
  }
}
