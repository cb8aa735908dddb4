// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonTest {
  private static final Map<String, Double> A = Map.of("kl", 0.25, "system.two", 1.0);
  private static final Map<String, Double> B = Map.of("kl", 0.75, "system.two", Double.NaN);

  @TempDir private Path folder;

  private static Comparison.Side side(
      String run, List<String> changes, Map<String, Double> metrics) {
    return new Comparison.Side(
        changes,
        2,
        new Report("toy", run, 7, "toy@1", 3, 12, 384, 1, new Report.Lag(4, 1.5), 2.5, metrics),
        List.of(
            new Reading(1, 0, Map.of("kl", 1.0, "system.two", 0.0)), new Reading(2, 8, metrics)));
  }

  private static Comparison comparison(Map<String, Double> bByA) {
    return new Comparison(
        "toy",
        7,
        side("r-a", List.of(), A),
        side("r-b", List.of("learner.beta=2"), B),
        new Comparison.Measured(A, bByA),
        new Comparison.Measured(A, B));
  }

  @Test
  void shouldSetBothBesideEachOtherWithDifferences() throws Exception {
    Comparison alike = comparison(B);
    assertThat(alike.measuredAlike()).isTrue();
    assertThat(alike.toText())
        .contains("a  run r-a, 2 samplers, as the job is", "b  run r-b, 2 samplers, learner.beta=2")
        .containsPattern("kl +0\\.2500 +0\\.7500 +0\\.5000\n")
        .containsPattern("steps +12 +12 +0\n")
        .doesNotContain("measured against");
    JsonNode json = new ObjectMapper().readTree(alike.toJson());
    assertThat(json.at("/b/set/0").asText()).isEqualTo("learner.beta=2");
    assertThat(json.at("/a/report/run").asText()).isEqualTo("r-a");
    assertThat(json.at("/a/readings/1/step").asLong()).isEqualTo(8);
    assertThat(json.at("/byA/difference/kl").asDouble()).isEqualTo(0.5);
    assertThat(json.at("/byA/difference/system.two").isNull()).isTrue();
    assertThat(json.at("/byA/a/system/two").asDouble()).isEqualTo(1);
    assertThat(json.get("measuredAlike").asBoolean()).isTrue();
  }

  @Test
  void shouldGiveBothMeasuresWhereTheTwoHaveOtherTargets() {
    Comparison other = comparison(Map.of("kl", 9.0));
    assertThat(other.measuredAlike()).isFalse();
    assertThat(other.toText())
        .containsPattern("(?s)against a's target.*kl +0\\.2500 +9 .*against b's target.*0\\.7500");
    assertThat(other.picture()).contains("kl, each against its own target");
  }

  @Test
  void shouldDrawEachMetricOfBothOverSteps() {
    assertThat(comparison(B).picture())
        .contains("<svg", ">kl</text>", ">a</text>", ">b: learner.beta=2</text>", "learner step")
        .doesNotContain("system.two");
  }

  @Test
  void shouldReadWhatTheEvaluatorRead() throws Exception {
    Path file = folder.resolve("metrics.jsonl");
    assertThat(Reading.all(file)).isEmpty();
    Files.writeString(
        file,
        """
        {"t": 1.5, "step": 4, "version": 1, "loss": 2.0}
        {"t": 2.5, "step": 8, "version": 2, "metrics": {"kl": 0.5, "system": {"two": null}}}
        """);
    List<Reading> readings = Reading.all(file);
    assertThat(readings).hasSize(1);
    assertThat(readings.get(0).step()).isEqualTo(8);
    assertThat(readings.get(0).metrics()).containsEntry("kl", 0.5).containsKey("system.two");
    Files.writeString(file, "{");
    assertThatThrownBy(() -> Reading.all(file))
        .isInstanceOf(RunException.class)
        .hasMessageContaining("metrics.jsonl");
  }
}
