// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.util.List;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.Noise;
import org.favstream.reward.critic.ReplayBuffer.Batch;
import org.favstream.reward.model.RewardModel;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.GeneratorSettings;
import org.favstream.sampler.noise.NoiseSource;
import org.junit.jupiter.api.Test;

/** One state; the data's actions are spread around .2; the reward likes .6 best. */
class BaselineTest {
  private static final float BEST = 0.6f;
  private static final int ROWS = 64;
  private static final RewardModel CRITIC =
      block -> {
        float[] values = block.values().clone();
        float[] gradients = new float[values.length];
        for (int i = 0; i < values.length; i++) {
          gradients[i] = -2 * (values[i] - BEST);
          values[i] = -(values[i] - BEST) * (values[i] - BEST);
        }
        return new RewardModel.Rewards(values, gradients);
      };

  private static ActionRegression fresh() throws WeightsException {
    Generator policy =
        new GeneratorSettings(GeneratorSettings.Family.POLICY, 1, 1, 1, List.of(32), 1).create();
    Weights weights = new Weights(policy.layout().tensors(), policy.initialParameters(1));
    return new ActionRegression(policy, weights, 3e-3, Device.cpu());
  }

  private static Batch batch(int counter) {
    float[] actions = NoiseSource.normals(new Noise(1, counter), ROWS);
    for (int i = 0; i < ROWS; i++) {
      actions[i] = Math.max(-1, Math.min(1, 0.2f + 0.3f * actions[i]));
    }
    return new Batch(
        ROWS, new float[ROWS], actions, new float[ROWS], new float[ROWS], new float[ROWS]);
  }

  private static double meanActionAfter(Baseline baseline) throws WeightsException {
    try (ActionRegression policy = fresh()) {
      for (int step = 0; step < 400; step++) {
        Batch batch = batch(step);
        policy.step(
            batch.observations(),
            baseline.of(batch, policy, new Noise(3, step)),
            new Noise(3, step));
      }
      double mean = 0;
      for (float action : policy.actions(new float[ROWS], new Noise(4, 0))) {
        mean += action / ROWS;
      }
      return mean;
    }
  }

  @Test
  void shouldDoWhatTheDataDoesWhenItClones() throws Exception {
    assertThat(meanActionAfter(Baseline.behaviourCloning())).isCloseTo(0.2, within(0.06));
  }

  /** How much more the reward likes an action than it likes .2. */
  private static float[] advantages(Batch batch) {
    float[] advantages = new float[ROWS];
    for (int row = 0; row < ROWS; row++) {
      float off = batch.actions()[row] - BEST;
      advantages[row] = 0.16f - off * off;
    }
    return advantages;
  }

  @Test
  void shouldLeanToGoodActionsOfTheDataWhenTheyWeighMore() throws Exception {
    assertThat(meanActionAfter(Baseline.advantageWeighted(BaselineTest::advantages, 10, 100)))
        .isBetween(0.35, 0.75);
  }

  @Test
  void shouldClimbFromItsOwnActionsWhenItTakesTheBestOfThem() throws Exception {
    double climbed = Math.abs(meanActionAfter(Baseline.bestOf(CRITIC, 8)) - BEST);
    double start;
    try (ActionRegression policy = fresh()) {
      start = 0;
      for (float action : policy.actions(new float[ROWS], new Noise(4, 0))) {
        start += action / ROWS;
      }
    }
    assertThat(climbed).isLessThan(Math.abs(start - BEST));
  }

  @Test
  void shouldTakeTheBestOfEachStatesOwnActions() throws Exception {
    try (ActionRegression policy = fresh()) {
      Batch batch = batch(0);
      Noise draw = new Noise(2, 0);
      float[] best = Baseline.bestOf(CRITIC, 5).of(batch, policy, draw).actions();
      Noise candidates = new Noise(NoiseSource.key(2, "candidates", 0), 0);
      float[] all = policy.actions(new float[5 * ROWS], candidates);
      for (int row = 0; row < ROWS; row++) {
        for (int i = 0; i < 5; i++) {
          assertThat(Math.abs(best[row] - BEST))
              .isLessThanOrEqualTo(Math.abs(all[row * 5 + i] - BEST) + 1e-6f);
        }
      }
    }
  }

  @Test
  void shouldBoundTheWeightOfAnAdvantage() throws Exception {
    try (ActionRegression policy = fresh()) {
      Batch batch = batch(0);
      float[] weights =
          Baseline.advantageWeighted(BaselineTest::advantages, 20, 3)
              .of(batch, policy, new Noise(2, 0))
              .weights();
      for (int row = 0; row < ROWS; row++) {
        double weight = Math.exp(20 * advantages(batch)[row]);
        assertThat((double) weights[row]).isCloseTo(Math.min(3, weight), within(1e-4));
      }
      assertThat(weights).contains(3f);
    }
  }

  private static FlowCloning flow() {
    FlowCloning flow = new FlowCloning(1, 1, List.of(32), 3e-3, 1, Device.cpu());
    for (int step = 0; step < 800; step++) {
      flow.step(batch(step), new Noise(5, step));
    }
    return flow;
  }

  @Test
  void shouldFlowToTheDataWithItsSpread() {
    try (FlowCloning flow = flow()) {
      float[] actions = flow.actions(new float[2000], new Noise(6, 0));
      double mean = 0;
      double square = 0;
      for (float action : actions) {
        mean += action / 2000.0;
        square += action * action / 2000.0;
      }
      assertThat(mean).isCloseTo(0.2, within(0.06));
      assertThat(Math.sqrt(square - mean * mean)).isCloseTo(0.3, within(0.08));
    }
  }

  @Test
  void shouldStandBetweenFlowAndCriticWhenItDistils() throws Exception {
    try (FlowCloning flow = flow()) {
      assertThat(meanActionAfter(Baseline.distilled(flow, CRITIC, 100)))
          .isCloseTo(0.2, within(0.08));
      // α (G - .2) = .6 - G at the optimum of α ‖G - flow‖² - Q.
      assertThat(meanActionAfter(Baseline.distilled(flow, CRITIC, 1))).isCloseTo(0.4, within(0.08));
    }
  }
}
