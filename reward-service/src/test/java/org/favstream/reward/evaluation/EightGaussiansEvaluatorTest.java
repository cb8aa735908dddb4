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
import org.favstream.reward.model.AutogradReward;
import org.favstream.reward.model.EightGaussiansReward;
import org.favstream.reward.model.RewardModel;
import org.favstream.sampler.dataset.EightGaussians;
import org.favstream.sampler.generator.LoadedGenerator;
import org.junit.jupiter.api.Test;

class EightGaussiansEvaluatorTest {
  private static final EightGaussiansEvaluator.Settings SETTINGS =
      new EightGaussiansEvaluator.Settings(400, 3, 20_000, 1, 11);

  private static EightGaussiansEvaluator tilted(double beta) {
    return new EightGaussiansEvaluator(
        new EightGaussiansEvaluator.Settings(400, 3, 20_000, beta, 11), new EightGaussiansReward());
  }

  private static EightGaussiansEvaluator withHeights(Double... heights) {
    return new EightGaussiansEvaluator(SETTINGS, new EightGaussiansReward(List.of(heights)));
  }

  /** Samples of one mode, as wide as the data's. */
  private static LoadedGenerator mode(int mode) throws WeightsException {
    double[] centre = EightGaussians.centre(mode);
    Affine generator = new Affine(2, 0, (float) EightGaussians.STANDARD_DEVIATION);
    Weights weights =
        new Weights(
            generator.layout().tensors(), new float[] {(float) centre[0], (float) centre[1]});
    return new LoadedGenerator(generator, weights, Device.cpu());
  }

  private static double metric(Map<String, Double> metrics, String name) {
    return Objects.requireNonNull(metrics.get(name), name);
  }

  @Test
  void shouldNameItsMetricsByDepth() throws Exception {
    try (Evaluator evaluator = tilted(1);
        LoadedGenerator generator = mode(7)) {
      assertThat(evaluator.evaluate(generator, Depth.QUICK).keySet())
          .containsExactly("kl", "mmd2", "rewardMean");
      assertThat(evaluator.evaluate(generator, Depth.FULL).keySet())
          .containsExactly("kl", "mmd2", "rewardMean", "klStd", "klFloor");
    }
  }

  @Test
  void shouldGiveTheSameWhenItMeasuresAgain() throws Exception {
    try (Evaluator evaluator = tilted(1);
        Evaluator other = tilted(1);
        LoadedGenerator generator = mode(3)) {
      Map<String, Double> metrics = evaluator.evaluate(generator, Depth.FULL);
      assertThat(evaluator.evaluate(generator, Depth.FULL)).isEqualTo(metrics);
      assertThat(other.evaluate(generator, Depth.FULL)).isEqualTo(metrics);
    }
  }

  @Test
  void shouldMeasureAgainstTheRewardThatIsActive() throws Exception {
    EightGaussiansReward reverse =
        new EightGaussiansReward(
            List.of(1.0, 6 / 7.0, 5 / 7.0, 4 / 7.0, 3 / 7.0, 2 / 7.0, 1 / 7.0, 0.0));
    try (Evaluator follows = tilted(1);
        Evaluator its = new EightGaussiansEvaluator(SETTINGS, reverse);
        RewardModel active = new AutogradReward(reverse, Device.cpu());
        LoadedGenerator generator = mode(7)) {
      double before = metric(follows.evaluate(generator, Depth.QUICK), "kl");
      follows.onReward(1, () -> active);
      double after = metric(follows.evaluate(generator, Depth.QUICK), "kl");
      double expected = metric(its.evaluate(generator, Depth.QUICK), "kl");
      assertThat(after).isCloseTo(expected, within(0.02 * expected)).isGreaterThan(before);
    }
  }

  @Test
  void shouldReadTheRewardOfTheModeThatIsGenerated() throws Exception {
    try (Evaluator evaluator = tilted(1);
        LoadedGenerator worst = mode(0);
        LoadedGenerator middle = mode(3);
        LoadedGenerator best = mode(7)) {
      // Beside mode 0 stand 1 and 7, beside 7 stand 6 and 0; beside 3 the two balance each other.
      assertThat(evaluator.evaluate(worst, Depth.QUICK).get("rewardMean")).isBetween(0.0, 0.1);
      assertThat(evaluator.evaluate(middle, Depth.QUICK).get("rewardMean"))
          .isCloseTo(3 / 7.0, within(0.02));
      assertThat(evaluator.evaluate(best, Depth.QUICK).get("rewardMean")).isBetween(0.9, 1.0);
    }
  }

  @Test
  void shouldMeasureFarAboveItsFloorWhenModesAreMissing() throws Exception {
    try (Evaluator evaluator = tilted(1);
        LoadedGenerator generator = mode(7)) {
      Map<String, Double> metrics = evaluator.evaluate(generator, Depth.FULL);
      assertThat(metrics.get("klFloor")).isBetween(1e-3, 0.1);
      assertThat(metrics.get("kl")).isGreaterThan(20 * metric(metrics, "klFloor"));
      assertThat(metrics.get("mmd2")).isGreaterThan(0.1);
      assertThat(metrics.get("klStd")).isBetween(0.0, metric(metrics, "kl"));
    }
  }

  @Test
  void shouldBeNearerToTheHighModeWhenTheTiltIsStronger() throws Exception {
    try (LoadedGenerator generator = mode(7)) {
      double last = Double.POSITIVE_INFINITY;
      for (double beta : new double[] {0, 2, 50}) {
        double kl = metric(tilted(beta).evaluate(generator, Depth.QUICK), "kl");
        assertThat(kl).isLessThan(0.9 * last);
        last = kl;
      }
      assertThat(last).isLessThan(0.5);
    }
  }

  @Test
  void shouldDrawItsTargetInProportionToTheReward() throws Exception {
    try (LoadedGenerator generator = mode(7)) {
      Panel.Series flat = target(tilted(0), generator);
      Panel.Series steep = target(tilted(1), generator);
      double[] flatShares = shares(flat);
      double[] shares = shares(steep);
      for (int mode = 0; mode < 8; mode++) {
        assertThat(flatShares[mode]).isCloseTo(1 / 8.0, within(0.07));
        assertThat(shares[mode]).isCloseTo(mode / 28.0, within(0.07));
      }
    }
  }

  @Test
  void shouldMeasureAgainstTheTargetOfTheRewardThatItIsGiven() throws Exception {
    try (LoadedGenerator generator = mode(1);
        Evaluator rising = tilted(1);
        Evaluator one = withHeights(0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)) {
      double[] shares = shares(target(one, generator));
      assertThat(shares[1]).isGreaterThan(0.9); // the smoothing leaks a little to the neighbours
      Map<String, Double> metrics = one.evaluate(generator, Depth.QUICK);
      assertThat(metrics.get("rewardMean")).isGreaterThan(0.9);
      assertThat(metric(metrics, "kl"))
          .isLessThan(0.1 * metric(rising.evaluate(generator, Depth.QUICK), "kl"));
    }
  }

  private static Panel.Series target(Evaluator evaluator, LoadedGenerator generator) {
    List<Panel> panels = evaluator.panels(generator, generator);
    assertThat(panels).extracting(Panel::title).containsExactly("before", "after", "target");
    Panel.Series series = panels.get(2).series().get(0);
    assertThat(series.x()).hasSize(400);
    assertThat(series.y()).hasSize(400);
    return series;
  }

  private static double[] shares(Panel.Series series) {
    double[] shares = new double[8];
    for (int i = 0; i < series.x().length; i++) {
      int nearest = 0;
      double least = Double.POSITIVE_INFINITY;
      for (int mode = 0; mode < 8; mode++) {
        double[] centre = EightGaussians.centre(mode);
        double distance = Math.hypot(series.x()[i] - centre[0], series.y()[i] - centre[1]);
        if (distance < least) {
          least = distance;
          nearest = mode;
        }
      }
      shares[nearest] += 1.0 / series.x().length;
    }
    return shares;
  }

  @Test
  void shouldShowBeforeAndAfterOfTheSameNoise() throws Exception {
    try (Evaluator evaluator = tilted(1);
        LoadedGenerator before = mode(2);
        LoadedGenerator after = mode(6)) {
      List<Panel> panels = evaluator.panels(before, after);
      Panel.Series first = panels.get(0).series().get(0);
      Panel.Series last = panels.get(1).series().get(0);
      double way = EightGaussians.centre(6)[0] - EightGaussians.centre(2)[0];
      for (int i = 0; i < 400; i++) {
        assertThat(last.x()[i] - first.x()[i]).isCloseTo(way, within(1e-5));
      }
    }
  }
}
