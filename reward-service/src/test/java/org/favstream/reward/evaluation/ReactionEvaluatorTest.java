// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.reward.evaluation.Evaluator.Depth;
import org.favstream.sampler.generator.LoadedGenerator;
import org.favstream.sampler.reaction.ReactionFeatures;
import org.favstream.sampler.reaction.ReactionSimulator;
import org.favstream.sampler.reaction.ReactionSystem;
import org.junit.jupiter.api.Test;

class ReactionEvaluatorTest {
  private static final List<ReactionEvaluator.Instance> INSTANCES =
      ReactionEvaluator.drawn(5, ReactionSystem.list(2, 9), 3);

  /** The same control whatever the context and the noise. */
  private static LoadedGenerator constant(float... control) throws WeightsException {
    Affine generator = new Affine(8, ReactionFeatures.SIZE, 0);
    return new LoadedGenerator(
        generator, new Weights(generator.layout().tensors(), control), Device.cpu());
  }

  private static LoadedGenerator zeros() throws WeightsException {
    return constant(0, 0, 0, 0, 0, 0, 0, 0);
  }

  private static double meanCost(int system, double... control) {
    ReactionSimulator simulator = new ReactionSimulator(ReactionSimulator.FINE_TOLERANCE);
    return INSTANCES.stream()
        .filter(instance -> instance.system() == system)
        .mapToDouble(instance -> simulator.cost(instance.context(), control).cost())
        .average()
        .orElseThrow();
  }

  private static double metric(Map<String, Double> metrics, String name) {
    return Objects.requireNonNull(metrics.get(name), name);
  }

  @Test
  void shouldBeTheMeanOverSystemsOfTheirMeanCosts() throws Exception {
    try (Evaluator evaluator = new ReactionEvaluator(INSTANCES, 1, zeros());
        LoadedGenerator generator = constant(1, 0, -1, 2, 0, 1, 0, -2)) {
      Map<String, Double> metrics = evaluator.evaluate(generator, Depth.QUICK);
      assertThat(metrics.keySet())
          .containsExactly(
              "meanJ", "perSystem.2", "perSystem.9", "diverged", "controlRms", "referenceRms");
      double two = meanCost(2, 1, 0, -1, 2, 0, 1, 0, -2);
      double nine = meanCost(9, 1, 0, -1, 2, 0, 1, 0, -2);
      assertThat(metrics.get("perSystem.2")).isCloseTo(two, within(1e-9));
      assertThat(metrics.get("perSystem.9")).isCloseTo(nine, within(1e-9));
      assertThat(metrics.get("meanJ")).isCloseTo((two + nine) / 2, within(1e-9));
      assertThat(metrics.get("diverged")).isZero();
      assertThat(metrics.get("controlRms")).isCloseTo(Math.sqrt(11 / 8.0), within(1e-6));
      assertThat(metrics.get("referenceRms")).isCloseTo(Math.sqrt(11 / 8.0), within(1e-6));
    }
  }

  @Test
  void shouldWeighSystemsAlikeWhenOneHasMoreInstances() throws Exception {
    List<ReactionEvaluator.Instance> uneven = INSTANCES.subList(0, 3); // 2, 9, 2
    assertThat(uneven).extracting(ReactionEvaluator.Instance::system).containsExactly(2, 9, 2);
    try (Evaluator evaluator = new ReactionEvaluator(uneven, 1, zeros());
        LoadedGenerator generator = zeros()) {
      Map<String, Double> metrics = evaluator.evaluate(generator, Depth.QUICK);
      assertThat(metrics.get("meanJ"))
          .isCloseTo(
              (metric(metrics, "perSystem.2") + metric(metrics, "perSystem.9")) / 2, within(1e-12));
    }
  }

  @Test
  void shouldCutControlsAtTheLimit() throws Exception {
    try (Evaluator evaluator =
            new ReactionEvaluator(INSTANCES, 1, constant(10, -10, 0, 0, 0, 0, 0, 0));
        LoadedGenerator beyond = constant(1e6f, -30, 0, 0, 0, 0, 0, 0);
        LoadedGenerator atLimit = constant(10, -10, 0, 0, 0, 0, 0, 0)) {
      Map<String, Double> metrics = evaluator.evaluate(beyond, Depth.QUICK);
      assertThat(metrics).isEqualTo(evaluator.evaluate(atLimit, Depth.QUICK));
      assertThat(metrics.get("referenceRms")).isZero();
      assertThat(metrics.get("controlRms")).isCloseTo(Math.sqrt(200 / 8.0), within(1e-9));
    }
  }

  @Test
  void shouldCompareWithTheReferencesControlsOfTheSameNoise() throws Exception {
    Affine noisy = new Affine(8, ReactionFeatures.SIZE, 2);
    Weights weights = new Weights(noisy.layout().tensors(), new float[8]);
    Weights moved = new Weights(noisy.layout().tensors(), new float[] {1, 1, 1, 1, 1, 1, 1, 1});
    try (Evaluator evaluator =
            new ReactionEvaluator(INSTANCES, 1, new LoadedGenerator(noisy, weights, Device.cpu()));
        LoadedGenerator generator = new LoadedGenerator(noisy, moved, Device.cpu())) {
      Map<String, Double> metrics = evaluator.evaluate(generator, Depth.FULL);
      assertThat(metrics.get("referenceRms")).isCloseTo(1, within(1e-5));
      assertThat(metrics.get("controlRms")).isBetween(1.0, 4.0);
      assertThat(evaluator.evaluate(generator, Depth.FULL)).isEqualTo(metrics);
      generator.swap(weights);
      assertThat(evaluator.evaluate(generator, Depth.FULL).get("referenceRms")).isZero();
    }
  }

  @Test
  void shouldDrawTheSameInstancesForTheSameSeed() {
    List<ReactionSystem> systems = ReactionSystem.list(2, 9);
    assertThat(INSTANCES).hasSize(6);
    assertThat(INSTANCES)
        .extracting(ReactionEvaluator.Instance::system)
        .containsExactly(2, 9, 2, 9, 2, 9);
    assertThat(ReactionEvaluator.drawn(5, systems, 3)).isEqualTo(INSTANCES);
    assertThat(ReactionEvaluator.drawn(6, systems, 3)).doesNotContainAnyElementsOf(INSTANCES);
    assertThat(INSTANCES).doesNotHaveDuplicates();
  }

  @Test
  void shouldShowOneCourseOfEachSystemBesideItsTarget() throws Exception {
    try (Evaluator evaluator = new ReactionEvaluator(INSTANCES, 1, zeros());
        LoadedGenerator before = zeros();
        LoadedGenerator after = constant(0, 0, 0, 0, 4, 4, -4, -4)) {
      List<Panel> panels = evaluator.panels(before, after);
      assertThat(panels).extracting(Panel::title).containsExactly("system 2", "system 9");
      for (int i = 0; i < 2; i++) {
        List<Panel.Series> series = panels.get(i).series();
        assertThat(series)
            .extracting(Panel.Series::label)
            .containsExactly("target", "before", "after");
        double target = INSTANCES.get(i).context().target();
        assertThat(series.get(0).y()).containsExactly(target, target);
        assertThat(series.get(0).x()).containsExactly(40, 80);
        double[] course = series.get(1).y();
        assertThat(course[0]).isEqualTo(INSTANCES.get(i).context().state()[0]);
        assertThat(series.get(2).y()[0]).isEqualTo(course[0]);
        assertThat(series.get(2).y()[160]).isNotEqualTo(course[160]);
        assertThat(series.get(1).x()[160]).isEqualTo(80);
      }
    }
  }
}
