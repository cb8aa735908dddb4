// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.typesafe.config.ConfigFactory;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.favstream.actors.config.JobConfig;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.reward.model.RewardModel;
import org.favstream.reward.model.RewardModelException;
import org.favstream.sampler.context.ContextSource;
import org.favstream.sampler.environment.RecordedStates;
import org.favstream.sampler.environment.TransitionSet;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.GeneratorSettings;
import org.favstream.sampler.generator.LoadedGenerator;
import org.junit.jupiter.api.Test;

class GoldWatchTest {
  private static final GeneratorSettings SETTINGS =
      new GeneratorSettings(GeneratorSettings.Family.DRIFT, 3, 0, 2, List.of(8), 1);

  /** A number of each particle; gradients do not matter here. */
  private static RewardModel.Rewards column(RewardModel.Block block, int column, float factor) {
    float[] values = new float[block.rows()];
    for (int row = 0; row < values.length; row++) {
      values[row] = factor * block.values()[2 * row + column];
    }
    return new RewardModel.Rewards(values, new float[block.rows() * 2]);
  }

  private static GoldWatch.Gold gold(RewardModel reward) {
    return GoldWatch.Gold.of(reward);
  }

  /** A generator whose samples' second number is greater by so much. */
  private static LoadedGenerator shifted(float by) throws WeightsException {
    Generator generator = SETTINGS.create();
    float[] parameters = generator.initialParameters(7);
    parameters[parameters.length - 1] += by; // the second number's bias
    return new LoadedGenerator(
        generator, new Weights(generator.layout().tensors(), parameters), Device.cpu());
  }

  @Test
  void shouldMeasureBothRewardsAndTheWayFromTheReference() throws WeightsException {
    try (LoadedGenerator reference = shifted(0);
        LoadedGenerator moved = shifted(3);
        GoldWatch watch =
            GoldWatch.of(
                gold(block -> column(block, 1, 1)), ContextSource.none(), reference, 64, 5)) {
      Map<String, Double> before = watch.measure(reference, block -> column(block, 1, -2), 0);
      Map<String, Double> after = watch.measure(moved, block -> column(block, 1, -2), 4);
      assertThat(before.get("watch.referenceDistance")).isZero();
      assertThat(after.get("watch.referenceDistance")).isCloseTo(3, within(1e-5));
      assertThat(rise(before, after, "watch.gold")).isCloseTo(3, within(1e-5));
      assertThat(rise(before, after, "watch.proxy")).isCloseTo(-6, within(1e-5));
      assertThat(after.get("watch.goldStd")).isCloseTo(before.get("watch.goldStd"), within(1e-5));
      assertThat(after.get("watch.activation")).isEqualTo(4);
    }
  }

  @Test
  void shouldAskTheNewRewardOfTheParticlesBeforeItOnce() throws WeightsException {
    try (LoadedGenerator reference = shifted(0);
        LoadedGenerator moved = shifted(3);
        GoldWatch watch =
            GoldWatch.of(
                gold(block -> column(block, 1, 1)), ContextSource.none(), reference, 64, 5)) {
      Map<String, Double> first = watch.measure(reference, block -> column(block, 1, 1), 0);
      Map<String, Double> begun = watch.measure(moved, block -> column(block, 1, -2), 1);
      Map<String, Double> next = watch.measure(moved, block -> column(block, 1, -2), 1);
      assertThat(first).doesNotContainKeys("watch.bestProxy", "watch.bestGold");
      assertThat(begun.get("watch.bestGold")).isEqualTo(first.get("watch.gold"));
      assertThat(begun.get("watch.bestProxy"))
          .isCloseTo(-2 * first.getOrDefault("watch.proxy", Double.NaN), within(1e-5));
      assertThat(next).doesNotContainKeys("watch.bestProxy", "watch.bestGold");
    }
  }

  /** Of two states each in its own place, with an action of two numbers taken there. */
  private static RecordedStates states() {
    return new RecordedStates(
        new TransitionSet(
            "room",
            1,
            2,
            new float[] {-1, 1},
            new float[] {0.5f, 0, 0.5f, 0},
            new float[2],
            new float[2],
            new boolean[2],
            new boolean[2]));
  }

  /** A policy that does the same everywhere. */
  private static LoadedGenerator doing(float first, float second) throws WeightsException {
    Generator policy =
        new GeneratorSettings(GeneratorSettings.Family.POLICY, 2, 1, 2, List.of(4), 1).create();
    float[] parameters = new float[policy.initialParameters(7).length];
    parameters[parameters.length - 2] = first; // biases of the last layer
    parameters[parameters.length - 1] = second;
    return new LoadedGenerator(
        policy, new Weights(policy.layout().tensors(), parameters), Device.cpu());
  }

  @Test
  void shouldMeasureAPolicyAgainstTheActionsThatWereTakenAndAskItsCriticsOfTheBestAgain()
      throws WeightsException {
    Deque<Double> returns = new ArrayDeque<>(List.of(-9.0, -5.0, -7.0));
    try (LoadedGenerator first = doing(0.5f, 0.25f);
        LoadedGenerator second = doing(0.5f, 2);
        LoadedGenerator third = doing(0.5f, 3);
        GoldWatch watch =
            GoldWatch.ofPolicy(
                (generator, block) -> new double[] {returns.remove(), 0}, states(), 16, 5)) {
      Map<String, Double> begun = watch.measure(first, block -> column(block, 1, 1), 0);
      assertThat(begun.get("watch.referenceDistance")).isCloseTo(0.25, within(1e-6));
      assertThat(begun.get("watch.gold")).isEqualTo(-4.5);
      assertThat(begun.get("watch.goldStd")).isEqualTo(4.5);
      assertThat(begun).doesNotContainKeys("watch.bestGold", "watch.bestProxy");
      Map<String, Double> better = watch.measure(second, block -> column(block, 1, 10), 0);
      assertThat(better.get("watch.proxy")).isCloseTo(20, within(1e-4));
      assertThat(better.get("watch.bestGold")).isEqualTo(-4.5);
      assertThat(better.get("watch.bestProxy")).isCloseTo(2.5, within(1e-5));
      Map<String, Double> worse = watch.measure(third, block -> column(block, 1, -1), 0);
      assertThat(worse.get("watch.bestGold")).isEqualTo(-2.5);
      assertThat(worse.get("watch.bestProxy")).isCloseTo(-2, within(1e-5));
    }
  }

  private static double rise(Map<String, Double> before, Map<String, Double> after, String name) {
    return after.getOrDefault(name, Double.NaN) - before.getOrDefault(name, Double.NaN);
  }

  @Test
  void shouldRefuseARewardThatIsNotFinite() throws WeightsException {
    try (LoadedGenerator reference = shifted(0);
        GoldWatch watch =
            GoldWatch.of(
                gold(block -> column(block, 0, Float.NaN)),
                ContextSource.none(),
                reference,
                4,
                5)) {
      assertThatThrownBy(() -> watch.measure(reference, block -> column(block, 0, 1), 0))
          .isInstanceOf(RewardModelException.class)
          .hasMessageContaining("the reward of particle 0 is NaN");
    }
  }

  @Test
  void shouldWatchNothingUnlessThereIsAGoldReward() {
    assertThat(JobConfig.complete(ConfigFactory.empty(), List.of()).read(GoldWatch.Settings::of))
        .isEmpty();
    assertThat(
            JobConfig.complete(
                    ConfigFactory.empty(),
                    List.of("watch.gold.kind=eight-gaussians", "watch.rollback=true"))
                .read(GoldWatch.Settings::of))
        .contains(new GoldWatch.Settings(1024, 32, 3, 0.1, true));
  }
}
