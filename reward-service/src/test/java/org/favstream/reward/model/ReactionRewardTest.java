// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.favstream.protocol.Noise;
import org.favstream.sampler.noise.NoiseSource;
import org.favstream.sampler.reaction.ReactionContext;
import org.favstream.sampler.reaction.ReactionContextException;
import org.favstream.sampler.reaction.ReactionContexts;
import org.favstream.sampler.reaction.ReactionFeatures;
import org.favstream.sampler.reaction.ReactionSimulator;
import org.favstream.sampler.reaction.ReactionSystem;
import org.junit.jupiter.api.Test;

class ReactionRewardTest {
  private static final double TOLERANCE = 1e-9;
  private static final Noise DRAW = new Noise(3, 0);
  private static final ReactionContexts CONTEXTS = new ReactionContexts(6, ReactionSystem.all());

  private final ReactionReward reward = new ReactionReward(TOLERANCE);
  private final ReactionSimulator simulator = new ReactionSimulator(TOLERANCE);

  private static float[] features(int contexts) {
    float[] features = new float[contexts * ReactionFeatures.SIZE];
    for (int i = 0; i < contexts; i++) {
      float[] each = ReactionFeatures.of(CONTEXTS.draw(i));
      System.arraycopy(each, 0, features, i * each.length, each.length);
    }
    return features;
  }

  private static float[] controls(int rows) {
    float[] controls = NoiseSource.normals(DRAW, 8 * rows);
    for (int i = 0; i < controls.length; i++) {
      controls[i] *= 2;
    }
    return controls;
  }

  private static double[] control(float[] controls, int row) {
    double[] control = new double[8];
    for (int j = 0; j < 8; j++) {
      control[j] = controls[8 * row + j];
    }
    return control;
  }

  private static RewardModel.Block block(int contexts, int particles, float[] controls) {
    return new RewardModel.Block(contexts, particles, 8, controls, features(contexts), DRAW);
  }

  @Test
  void shouldBeTheCostTurnedRoundWithTheSimulatorsGradient() {
    float[] controls = controls(12 * 2);
    RewardModel.Rewards rewards = reward.evaluate(block(12, 2, controls));
    double[] slope = new double[8];
    for (int row = 0; row < 24; row++) {
      ReactionContext context = CONTEXTS.draw(row / 2);
      double cost = simulator.costAndGradient(context, control(controls, row), slope).cost();
      assertThat(rewards.values()[row]).isEqualTo((float) -cost);
      for (int j = 0; j < 8; j++) {
        assertThat(rewards.gradients()[8 * row + j]).isEqualTo((float) -slope[j]);
      }
    }
  }

  @Test
  void shouldMeetFiniteDifferencesOfTheBlackBox() {
    float[] controls = controls(3);
    RewardModel.Block block = block(3, 1, controls);
    RewardModel.Rewards rewards = reward.evaluate(block);
    BlackBox box = ReactionReward.blackBox(TOLERANCE);
    double[] at = new double[24];
    for (int i = 0; i < 24; i++) {
      at[i] = controls[i];
    }
    double[] values = box.values(3, at, block.contextRows());
    for (int row = 0; row < 3; row++) {
      assertThat(rewards.values()[row]).isEqualTo((float) values[row]);
    }
    double step = 1e-4;
    for (int i = 0; i < 24; i++) {
      double[] up = at.clone();
      double[] down = at.clone();
      up[i] += step;
      down[i] -= step;
      double difference =
          box.values(3, up, block.contextRows())[i / 8]
              - box.values(3, down, block.contextRows())[i / 8];
      assertThat((double) rewards.gradients()[i]).isCloseTo(difference / (2 * step), within(1e-4));
    }
  }

  @Test
  void shouldActAsTheLimitAndPullBackWhenAControlIsBeyondIt() {
    float[] beyond = {1, 12.5f, -1, 0.5f, -11, 2, 10, -10};
    float[] held = {1, 10, -1, 0.5f, -10, 2, 10, -10};
    RewardModel.Rewards atLimit = reward.evaluate(block(1, 1, held));
    RewardModel.Rewards rewards = reward.evaluate(block(1, 1, beyond));
    assertThat((double) rewards.values()[0]).isCloseTo(atLimit.values()[0] - 3.5, within(1e-5));
    float[] expected = atLimit.gradients().clone();
    expected[1] = -1;
    expected[4] = 1;
    assertThat(rewards.gradients()).containsExactly(expected);
    double[] value = ReactionReward.blackBox(TOLERANCE).values(1, control(beyond, 0), features(1));
    assertThat((float) value[0]).isEqualTo(rewards.values()[0]);
  }

  @Test
  void shouldSayWhichNumberOfTheContextIsUnsound() {
    float[] contexts = features(1);
    contexts[3] = Float.NaN;
    RewardModel.Block block = new RewardModel.Block(1, 1, 8, controls(1), contexts, DRAW);
    assertThatThrownBy(() -> reward.evaluate(block))
        .isInstanceOf(ReactionContextException.class)
        .hasMessageContaining("species 3 is NaN");
    assertThat(reward.evaluate(block(1, 1, controls(1))).values()).hasSize(1); // it goes on
  }

  /** Numbers read from the wrong places would be a wrong reward that nobody sees. */
  @Test
  void shouldRefuseWhenContextsOrControlsHaveAnotherSize() {
    float[] bare = Arrays.copyOf(CONTEXTS.draw(0).toFeatures(), ReactionContext.FEATURES);
    RewardModel.Block withBareContexts = new RewardModel.Block(1, 1, 8, controls(1), bare, DRAW);
    assertThatThrownBy(() -> reward.evaluate(withBareContexts))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("controls of 8 numbers in contexts of 26: expected 8 in 63");
    RewardModel.Block withoutContexts =
        new RewardModel.Block(1, 1, 8, controls(1), new float[0], DRAW);
    assertThatThrownBy(() -> reward.evaluate(withoutContexts))
        .hasMessage("controls of 8 numbers in contexts of 0: expected 8 in 63");
    RewardModel.Block inThePlane = new RewardModel.Block(1, 4, 2, controls(1), features(1), DRAW);
    assertThatThrownBy(() -> reward.evaluate(inThePlane))
        .hasMessage("controls of 2 numbers in contexts of 63: expected 8 in 63");
    assertThatThrownBy(() -> ReactionReward.blackBox(TOLERANCE).values(1, new double[8], bare))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("controls of 8 numbers in contexts of 26: expected 8 in 63");
  }
}
