// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.critic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.Noise;
import org.favstream.reward.critic.CriticSettings.Aggregation;
import org.favstream.reward.critic.ReplayBuffer.Batch;
import org.favstream.reward.model.RewardModel;
import org.favstream.sampler.environment.TransitionSet;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.GeneratorSettings;
import org.junit.jupiter.api.Test;

class CriticTrainerTest {
  private static final TwinCritic CRITIC = new TwinCritic(1, 1, List.of(32, 32));
  private static final Generator POLICY =
      new GeneratorSettings(GeneratorSettings.Family.POLICY, 1, 1, 1, List.of(8), 1).create();

  private static CriticSettings settings(Aggregation aggregation) {
    return new CriticSettings(0.9, 0.5, 0.05, aggregation, 3e-3);
  }

  private static Weights weights(TwinCritic critic, long seed) throws WeightsException {
    return new Weights(critic.layout().tensors(), critic.initialParameters(seed));
  }

  private static Weights policy(long seed) throws WeightsException {
    return new Weights(POLICY.layout().tensors(), POLICY.initialParameters(seed));
  }

  private static CriticTrainer trainer(CriticSettings settings) throws WeightsException {
    return new CriticTrainer(CRITIC, weights(CRITIC, 1), POLICY, policy(1), settings, Device.cpu());
  }

  /**
   * Steps with reward {@code 1 - (a - s/2)²} at a random observation and action, each in an episode
   * of its own.
   */
  private static ReplayBuffer bandit(boolean terminates) throws RefusedTransitionsException {
    int n = 2000;
    Random random = new Random(1);
    float[] observations = new float[n];
    float[] actions = new float[n];
    float[] rewards = new float[n];
    boolean[] ends = new boolean[n];
    Arrays.fill(ends, true);
    for (int i = 0; i < n; i++) {
      observations[i] = 2 * random.nextFloat() - 1;
      actions[i] = 2 * random.nextFloat() - 1;
      float off = actions[i] - observations[i] / 2;
      rewards[i] = 1 - off * off;
    }
    boolean[] never = new boolean[n];
    return new ReplayBuffer(
        new TransitionSet(
            "bandit",
            1,
            1,
            observations,
            actions,
            rewards,
            observations,
            terminates ? ends : never,
            terminates ? never : ends),
        1,
        n);
  }

  @Test
  void shouldAimAtTheBellmanTargetByHand() {
    Batch batch =
        new Batch(
            3,
            new float[3],
            new float[3],
            new float[] {2, -4, 6},
            new float[3],
            new float[] {1, 0, 1});
    float[] next = {10, 20, 30, 14, 16, 50};
    // .5 · 2 + .9 · 12, .5 · -4, .5 · 6 + .9 · 40
    CriticSettings settings = settings(Aggregation.MEAN);
    assertThat(CriticTrainer.targets(settings, batch, Aggregation.MEAN.of(next)))
        .containsExactly(new float[] {11.8f, -2, 39}, within(1e-5f));
    assertThat(CriticTrainer.targets(settings, batch, Aggregation.MIN.of(next)))
        .containsExactly(new float[] {10, -2, 30}, within(1e-5f));
  }

  @Test
  void shouldAimAtGivenValuesOfWhatComesNext() throws Exception {
    Batch batch = bandit(false).draw(new Noise(1, 1), 64);
    float[] next = new float[64];
    Arrays.fill(next, 7);
    double mean = 0.9 * 7;
    for (float reward : batch.rewards()) {
      mean += 0.5 * reward / 64;
    }
    try (CriticTrainer trainer = trainer(settings(Aggregation.MEAN))) {
      assertThat(trainer.update(batch, next).meanTarget()).isCloseTo(mean, within(1e-5));
    }
  }

  @Test
  void shouldSayWhatTheTargetNetworksThinkOfWhatWasDone() throws Exception {
    Batch batch = bandit(true).draw(new Noise(1, 1), 64);
    try (CriticTrainer trainer = trainer(new CriticSettings(0.9, 0.5, 1, Aggregation.MIN, 3e-3))) {
      float[] before = trainer.targetValues(batch);
      trainer.update(batch, new Noise(2, 1));
      float[] after = trainer.targetValues(batch); // at a rate of 1 the critics themselves
      double mean = 0;
      for (float value : after) {
        mean += value / 128;
      }
      assertThat(after).hasSize(128).isNotEqualTo(before);
      assertThat(trainer.update(batch, new Noise(2, 2)).meanValue()).isCloseTo(mean, within(1e-5));
    }
  }

  @Test
  void shouldStepDownTheLossOfItsOwnOutcome() throws Exception {
    Batch batch = bandit(true).draw(new Noise(1, 1), 64);
    try (CriticTrainer trainer = trainer(settings(Aggregation.MEAN))) {
      CriticTrainer.Outcome first = trainer.update(batch, new Noise(2, 1));
      double mean = 0;
      for (float reward : batch.rewards()) {
        mean += 0.5 * reward / 64;
      }
      assertThat(first.meanTarget()).isCloseTo(mean, within(1e-5));
      assertThat(first.skipped()).isEmpty();
      assertThat(first.gradientNorm()).isPositive();
      assertThat(trainer.update(batch, new Noise(2, 2)).loss()).isLessThan(first.loss());
    }
  }

  @Test
  void shouldKnowARewardAfterOneStepAndPointToTheBestAction() throws Exception {
    ReplayBuffer buffer = bandit(true);
    try (CriticTrainer trainer = trainer(settings(Aggregation.MEAN))) {
      for (int update = 0; update < 1200; update++) {
        trainer.update(buffer.draw(new Noise(1, update), 128), new Noise(2, update));
      }
      try (CriticReward reward = new CriticReward(CRITIC, trainer.weights(), Device.cpu())) {
        float[] observations = {-0.8f, 0, 0.8f};
        float[] actions = {-0.7f, -0.1f, 0.6f, -0.7f, -0.1f, 0.6f, -0.7f, -0.1f, 0.6f};
        RewardModel.Rewards rewards =
            reward.evaluate(new RewardModel.Block(3, 3, 1, actions, observations, new Noise(1, 1)));
        for (int i = 0; i < actions.length; i++) {
          float off = actions[i] - observations[i / 3] / 2;
          assertThat(rewards.values()[i]).isCloseTo(0.5f * (1 - off * off), within(0.05f));
          assertThat(rewards.gradients()[i]).isCloseTo(-off, within(0.15f));
        }
      }
    }
  }

  @Test
  void shouldSeeAFutureBehindACutAndNoneBehindAnEnd() throws Exception {
    assertThat(meanValueAfterTraining(true)).isLessThan(0.6);
    assertThat(meanValueAfterTraining(false)).isGreaterThan(2);
  }

  private static double meanValueAfterTraining(boolean terminates) throws Exception {
    ReplayBuffer buffer = bandit(terminates);
    try (CriticTrainer trainer = trainer(settings(Aggregation.MIN))) {
      double mean = 0;
      for (int update = 0; update < 600; update++) {
        mean =
            trainer.update(buffer.draw(new Noise(1, update), 64), new Noise(2, update)).meanValue();
      }
      return mean;
    }
  }

  @Test
  void shouldLetTheTargetNetworksFollowAtTheirRate() throws Exception {
    Batch batch = bandit(false).draw(new Noise(1, 1), 64);
    try (CriticTrainer trainer = trainer(settings(Aggregation.MEAN))) {
      float[] before = trainer.state().target();
      assertThat(before).containsExactly(weights(CRITIC, 1).values());
      trainer.update(batch, new Noise(2, 1));
      CriticTrainer.State after = trainer.state();
      for (int i = 0; i < before.length; i += 17) {
        assertThat(after.target()[i])
            .isCloseTo(before[i] + 0.05f * (after.weights()[i] - before[i]), within(1e-6f));
      }
    }
  }

  @Test
  void shouldAimAtWhatTheCurrentPolicyDoes() throws Exception {
    Batch batch = bandit(false).draw(new Noise(1, 1), 64);
    try (CriticTrainer one = trainer(settings(Aggregation.MEAN));
        CriticTrainer other = trainer(settings(Aggregation.MEAN))) {
      float[] far = policy(1).values();
      far[far.length - 1] = 1e6f; // the action's bias: only its clip is finite enough
      other.swapPolicy(new Weights(POLICY.layout().tensors(), far));
      double target = one.update(batch, new Noise(2, 1)).meanTarget();
      double swapped = other.update(batch, new Noise(2, 1)).meanTarget();
      assertThat(swapped).isNotEqualTo(target).isCloseTo(target, within(2.0));
      assertThatThrownBy(() -> one.swapPolicy(weights(CRITIC, 1)))
          .isInstanceOf(WeightsException.class);
    }
  }

  @Test
  void shouldGoOnToTheLastBitWhenItIsRestored() throws Exception {
    ReplayBuffer buffer = bandit(false);
    try (CriticTrainer whole = trainer(settings(Aggregation.MEAN));
        CriticTrainer restored =
            new CriticTrainer(
                CRITIC,
                weights(CRITIC, 9),
                POLICY,
                policy(1),
                settings(Aggregation.MEAN),
                Device.cpu())) {
      for (int update = 0; update < 20; update++) {
        if (update == 10) {
          restored.restore(whole.state());
        }
        Batch batch = buffer.draw(new Noise(1, update), 64);
        CriticTrainer.Outcome outcome = whole.update(batch, new Noise(2, update));
        if (update >= 10) {
          assertThat(restored.update(batch, new Noise(2, update))).isEqualTo(outcome);
        }
      }
      assertThat(restored.state().weights()).containsExactly(whole.state().weights());
      assertThat(restored.state().target()).containsExactly(whole.state().target());
      assertThat(restored.state().moments().square())
          .containsExactly(whole.state().moments().square());
    }
  }

  @Test
  void shouldChangeNothingWhenTheLossIsNotFinite() throws Exception {
    Batch batch = bandit(true).draw(new Noise(1, 1), 4);
    batch.rewards()[2] = Float.NaN;
    try (CriticTrainer trainer = trainer(settings(Aggregation.MEAN))) {
      assertThat(trainer.update(batch, new Noise(2, 1)).skipped()).contains("loss is NaN");
      assertThat(trainer.weights()).isEqualTo(weights(CRITIC, 1));
      assertThat(trainer.state().moments().steps()).isZero();
    }
  }

  @Test
  void shouldRefuseAPolicyOfAnotherRobot() {
    TwinCritic other = new TwinCritic(2, 1, List.of(4));
    assertThatThrownBy(
            () ->
                new CriticTrainer(
                    other,
                    weights(other, 1),
                    POLICY,
                    policy(1),
                    settings(Aggregation.MEAN),
                    Device.cpu()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a policy with observations of 1 and actions of 1 for critics with 2 and 1");
  }
}
