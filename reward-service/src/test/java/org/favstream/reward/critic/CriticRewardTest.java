// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.critic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.util.List;
import java.util.Random;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.Noise;
import org.favstream.reward.model.RewardModel.Block;
import org.favstream.reward.model.RewardModel.Rewards;
import org.junit.jupiter.api.Test;

class CriticRewardTest {
  private static final TwinCritic CRITIC = new TwinCritic(3, 2, List.of(16, 16));
  private static final float[] OBSERVATIONS = {0.3f, -0.8f, 0.1f, 1.2f, 0.4f, -0.6f};

  private static Weights weights(TwinCritic critic, long seed) throws WeightsException {
    return new Weights(critic.layout().tensors(), critic.initialParameters(seed));
  }

  private static Block block(float... particles) {
    return new Block(2, particles.length / 4, 2, particles, OBSERVATIONS, new Noise(1, 1));
  }

  private static float[] inside(int seed, int count) {
    float[] numbers = new float[count];
    Random random = new Random(seed);
    for (int i = 0; i < count; i++) {
      numbers[i] = random.nextFloat() * 1.8f - 0.9f;
    }
    return numbers;
  }

  @Test
  void shouldGiveTheSlopeOfItsRewards() throws Exception {
    float[] particles = inside(1, 2 * 3 * 2);
    try (CriticReward reward = new CriticReward(CRITIC, weights(CRITIC, 1), Device.cpu())) {
      Rewards at = reward.evaluate(block(particles));
      assertThat(at.values()).hasSize(6);
      float step = 1e-2f;
      for (int i = 0; i < particles.length; i++) {
        float[] up = particles.clone();
        float[] down = particles.clone();
        up[i] += step;
        down[i] -= step;
        float slope =
            (reward.evaluate(block(up)).values()[i / 2]
                    - reward.evaluate(block(down)).values()[i / 2])
                / (2 * step);
        assertThat(at.gradients()[i]).isCloseTo(slope, within(2e-3f));
      }
    }
  }

  @Test
  void shouldScoreEachParticleAtItsOwnObservation() throws Exception {
    float[] particles = {0.5f, 0.1f, -0.2f, 0.3f, 0.5f, 0.1f, -0.2f, 0.3f};
    try (CriticReward reward = new CriticReward(CRITIC, weights(CRITIC, 1), Device.cpu())) {
      float[] values = reward.evaluate(block(particles)).values();
      assertThat(values[2]).isNotCloseTo(values[0], within(1e-4f));
      float[] other = particles.clone();
      other[0] = -0.5f;
      float[] after = reward.evaluate(block(other)).values();
      assertThat(after[0]).isNotCloseTo(values[0], within(1e-4f));
      for (int i = 1; i < 4; i++) {
        assertThat(after[i]).isCloseTo(values[i], within(1e-5f));
      }
    }
  }

  @Test
  void shouldActAsTheNearestActionBeyondTheBoundsAndLeadNoFartherOut() throws Exception {
    float[] bounds = {1, 1, -1, -1, 1, -1, -1, 1};
    float[] beyond = {3, 1.5f, -2, -9, 1.1f, -4, -1.3f, 2};
    try (CriticReward reward = new CriticReward(CRITIC, weights(CRITIC, 1), Device.cpu())) {
      Rewards at = reward.evaluate(block(bounds));
      Rewards far = reward.evaluate(block(beyond));
      assertThat(far.values()).containsExactly(at.values());
      int kept = 0;
      for (int i = 0; i < bounds.length; i++) {
        boolean outward = at.gradients()[i] * bounds[i] > 0;
        assertThat(far.gradients()[i]).isEqualTo(outward ? 0 : at.gradients()[i]);
        kept += outward ? 0 : 1;
      }
      assertThat(kept).isBetween(1, bounds.length - 1);
    }
  }

  @Test
  void shouldScoreWithTheWeightsItWasLastGiven() throws Exception {
    Block block = block(inside(2, 8));
    try (CriticReward swapped = new CriticReward(CRITIC, weights(CRITIC, 1), Device.cpu());
        CriticReward fresh = new CriticReward(CRITIC, weights(CRITIC, 2), Device.cpu())) {
      float[] before = swapped.evaluate(block).values();
      TwinCritic another = new TwinCritic(3, 2, List.of(8));
      assertThatThrownBy(() -> swapped.swap(weights(another, 1)))
          .isInstanceOf(WeightsException.class);
      assertThat(swapped.evaluate(block).values()).containsExactly(before);
      swapped.swap(weights(CRITIC, 2));
      assertThat(swapped.evaluate(block).values())
          .containsExactly(fresh.evaluate(block).values())
          .isNotEqualTo(before);
    }
  }

  @Test
  void shouldRefuseABlockOfAnotherRobot() throws Exception {
    try (CriticReward reward = new CriticReward(CRITIC, weights(CRITIC, 1), Device.cpu())) {
      Block other = new Block(1, 1, 4, new float[4], new float[3], new Noise(1, 1));
      assertThatThrownBy(() -> reward.evaluate(other))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("actions of 4 numbers at observations of 3: the critics know 2 at 3");
    }
  }
}
