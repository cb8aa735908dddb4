// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.Noise;
import org.favstream.reward.model.RewardModel;
import org.favstream.reward.model.RewardModelException;
import org.favstream.sampler.context.ContextSource;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.GeneratorSettings;
import org.favstream.sampler.generator.LoadedGenerator;
import org.junit.jupiter.api.Test;

class RewardEvaluatorTest {
  private static final int SAMPLES = 4000;

  /** Context number {@code i} is {@code i}. */
  private static final ContextSource COUNTED =
      new ContextSource() {
        @Override
        public int contextSize() {
          return 1;
        }

        @Override
        public int references() {
          return 0;
        }

        @Override
        public Contexts draw(Noise draw, int count) {
          float[] values = new float[count];
          for (int i = 0; i < count; i++) {
            values[i] = i;
          }
          return new Contexts(values, new float[0]);
        }
      };

  /** Gives the noise, its first number shifted: the velocity of a meanflow is but its last bias. */
  private static LoadedGenerator shifted(int contextSize, float shift) throws WeightsException {
    Generator generator =
        new GeneratorSettings(GeneratorSettings.Family.MEANFLOW, 2, contextSize, 2, List.of(1), 1)
            .create();
    float[] parameters = new float[generator.layout().length()];
    parameters[parameters.length - 2] = -shift;
    return new LoadedGenerator(
        generator, new Weights(generator.layout().tensors(), parameters), Device.cpu());
  }

  /** The first number of a particle, and its context. */
  private static RewardModel.Rewards first(RewardModel.Block block) {
    float[] values = new float[block.rows()];
    float[] contexts = block.contextRows();
    for (int row = 0; row < values.length; row++) {
      values[row] = block.values()[2 * row] + (contexts.length == 0 ? 0 : contexts[row]);
    }
    return new RewardModel.Rewards(values, new float[2 * values.length]);
  }

  @Test
  void shouldGiveMeanAndDeviationOfTheRewardAlwaysOfTheSameNoise() throws WeightsException {
    try (LoadedGenerator still = shifted(0, 0);
        LoadedGenerator moved = shifted(0, 3);
        RewardEvaluator evaluator =
            new RewardEvaluator(RewardEvaluatorTest::first, ContextSource.none(), SAMPLES, 5)) {
      Map<String, Double> before = evaluator.evaluate(still, Evaluator.Depth.QUICK);
      Map<String, Double> after = evaluator.evaluate(moved, Evaluator.Depth.FULL);
      assertThat(before).containsOnlyKeys("rewardMean", "rewardStd");
      assertThat(before.get("rewardMean")).isCloseTo(0, within(0.1));
      assertThat(before.get("rewardStd")).isCloseTo(1, within(0.05));
      assertThat(after.get("rewardMean"))
          .isCloseTo(before.getOrDefault("rewardMean", Double.NaN) + 3, within(1e-5));
      assertThat(after.get("rewardStd")).isCloseTo(before.get("rewardStd"), within(1e-5));
      assertThat(evaluator.evaluate(still, Evaluator.Depth.FULL)).isEqualTo(before);

      Panel panel = evaluator.panels(still, moved).get(0);
      assertThat(panel.series()).extracting(Panel.Series::label).containsExactly("before", "after");
      assertThat(panel.series().get(0).y()).isSorted().hasSize(SAMPLES);
      assertThat(panel.series().get(1).y()[7])
          .isCloseTo(panel.series().get(0).y()[7] + 3, within(1e-5));
    }
  }

  @Test
  void shouldScoreEachParticleInAContextOfItsOwn() throws WeightsException {
    try (LoadedGenerator still = shifted(1, 0);
        RewardEvaluator evaluator =
            new RewardEvaluator(RewardEvaluatorTest::first, COUNTED, 100, 5)) {
      assertThat(evaluator.evaluate(still, Evaluator.Depth.QUICK).get("rewardMean"))
          .isCloseTo(99 / 2.0, within(0.5));
    }
  }

  @Test
  void shouldFollowTheRewardThatIsActive() throws WeightsException {
    try (LoadedGenerator moved = shifted(0, 3);
        RewardEvaluator evaluator =
            new RewardEvaluator(RewardEvaluatorTest::first, ContextSource.none(), SAMPLES, 5)) {
      RewardModel other =
          block -> {
            float[] values = first(block).values();
            for (int i = 0; i < values.length; i++) {
              values[i] *= -2;
            }
            return new RewardModel.Rewards(values, new float[2 * values.length]);
          };
      evaluator.onReward(1, () -> other);
      assertThat(evaluator.evaluate(moved, Evaluator.Depth.QUICK).get("rewardMean"))
          .isCloseTo(-6, within(0.2));
    }
  }

  @Test
  void shouldRefuseARewardThatIsNotFiniteAndCloseItsModel() throws WeightsException {
    AtomicBoolean closed = new AtomicBoolean();
    RewardModel broken =
        new RewardModel() {
          @Override
          public Rewards evaluate(Block block) {
            float[] values = new float[block.rows()];
            values[2] = Float.NaN;
            return new Rewards(values, new float[2 * values.length]);
          }

          @Override
          public void close() {
            closed.set(true);
          }
        };
    try (LoadedGenerator still = shifted(0, 0);
        RewardEvaluator evaluator = new RewardEvaluator(broken, ContextSource.none(), 4, 5)) {
      assertThatThrownBy(() -> evaluator.evaluate(still, Evaluator.Depth.QUICK))
          .isInstanceOf(RewardModelException.class)
          .hasMessageContaining("particle 2 is NaN");
    }
    assertThat(closed).isTrue();
  }
}
