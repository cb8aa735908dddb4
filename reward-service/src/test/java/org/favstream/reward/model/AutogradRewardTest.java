// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import org.favstream.protocol.Noise;
import org.favstream.sampler.noise.NoiseSource;
import org.junit.jupiter.api.Test;

class AutogradRewardTest {
  private static final Noise DRAW = new Noise(9, 0);

  /** {@code Σ sin(x) + c · x}, of each row; {@code c} as long as {@code x}. */
  private static final DifferentiableReward WAVE =
      (particles, contexts) -> particles.sin().add(particles.mul(contexts)).sum(new int[] {1});

  private static RewardModel.Block block(int contexts, int particles, int d) {
    return new RewardModel.Block(
        contexts,
        particles,
        d,
        NoiseSource.normals(DRAW, contexts * particles * d),
        NoiseSource.normals(new Noise(9, 1), contexts * d),
        DRAW);
  }

  @Test
  void shouldGiveValueAndSlopeOfEachParticleInItsContext() {
    RewardModel.Block block = block(3, 4, 2);
    try (AutogradReward reward = new AutogradReward(WAVE, Device.cpu())) {
      RewardModel.Rewards rewards = reward.evaluate(block);
      for (int row = 0; row < 12; row++) {
        double value = 0;
        for (int j = 0; j < 2; j++) {
          double x = block.values()[2 * row + j];
          double c = block.contextValues()[row / 4 * 2 + j];
          value += Math.sin(x) + c * x;
          assertThat((double) rewards.gradients()[2 * row + j])
              .isCloseTo(Math.cos(x) + c, within(1e-5));
        }
        assertThat((double) rewards.values()[row]).isCloseTo(value, within(1e-5));
      }
      assertThat(reward.evaluate(block).gradients()).containsExactly(rewards.gradients());
    }
  }

  @Test
  void shouldMeetFiniteDifferencesOfTheSameRewardAsABlackBox() {
    RewardModel.Block block = block(2, 3, 2);
    double step = 1e-6;
    try (BlackBox box = AutogradReward.asBlackBox(WAVE, Device.cpu());
        AutogradReward reward = new AutogradReward(WAVE, Device.cpu())) {
      float[] gradients = reward.evaluate(block).gradients();
      for (int i = 0; i < gradients.length; i++) {
        double difference =
            box.values(6, moved(block, i, step), block.contextRows())[i / 2]
                - box.values(6, moved(block, i, -step), block.contextRows())[i / 2];
        assertThat((double) gradients[i]).isCloseTo(difference / (2 * step), within(1e-5));
      }
    }
  }

  private static double[] moved(RewardModel.Block block, int at, double by) {
    double[] particles = new double[block.values().length];
    for (int i = 0; i < particles.length; i++) {
      particles[i] = block.values()[i] + (i == at ? by : 0);
    }
    return particles;
  }

  @Test
  void shouldSeeContextsWithoutNumbersWhenThereAreNone() {
    DifferentiableReward square =
        (particles, contexts) -> {
          assertThat(contexts.getShape()).isEqualTo(new Shape(3, 0));
          return particles.square().sum(new int[] {1});
        };
    float[] values = {1, -2, 3};
    try (AutogradReward reward = new AutogradReward(square, Device.cpu())) {
      RewardModel.Rewards rewards =
          reward.evaluate(new RewardModel.Block(1, 3, 1, values, new float[0], DRAW));
      assertThat(rewards.values()).containsExactly(1, 4, 9);
      assertThat(rewards.gradients()).containsExactly(2, -4, 6);
    }
  }

  @Test
  void shouldThrowWhenTheRewardHangsOnNoParticle() {
    DifferentiableReward constant =
        (particles, contexts) -> particles.getManager().ones(new Shape(12));
    try (AutogradReward reward = new AutogradReward(constant, Device.cpu())) {
      assertThatThrownBy(() -> reward.evaluate(block(3, 4, 2)))
          .isInstanceOf(RuntimeException.class)
          .hasMessageContaining("does not require grad");
    }
  }
}
