// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.util.List;
import java.util.Map;
import org.favstream.actors.weights.Weights;
import org.favstream.sampler.environment.Environment;
import org.favstream.sampler.environment.EnvironmentException;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.GeneratorSettings;
import org.favstream.sampler.generator.LoadedGenerator;
import org.junit.jupiter.api.Test;

class EpisodeEvaluatorTest {
  private static final Generator POLICY =
      new GeneratorSettings(GeneratorSettings.Family.POLICY, 1, 1, 1, List.of(2), 1).create();

  /** Two copies that give their action as reward, and last two and four steps. */
  private static final class Mirror implements Environment {
    private final int[] steps = new int[2];

    @Override
    public Spec spec() {
      return new Spec("mirror", 1, 1, 2);
    }

    @Override
    public float[] reset(int copy, long seed) {
      steps[copy] = 0;
      return new float[1];
    }

    @Override
    public Step step(float[] actions) {
      boolean[] over = new boolean[2];
      for (int copy = 0; copy < 2; copy++) {
        over[copy] = ++steps[copy] == 2 + 2 * copy;
      }
      return new Step(new float[2], actions.clone(), new boolean[2], over);
    }

    @Override
    public void close() {}
  }

  private static LoadedGenerator always(float action) throws Exception {
    float[] all = new float[POLICY.layout().length()];
    all[all.length - 1] = action;
    return new LoadedGenerator(POLICY, new Weights(POLICY.layout().tensors(), all), Device.cpu());
  }

  @Test
  void shouldSumTheRewardsOfEachEpisodeUpToItsEnd() throws Exception {
    EpisodeEvaluator evaluator = new EpisodeEvaluator(Mirror::new, 3, 1);
    try (LoadedGenerator half = always(0.5f)) {
      Map<String, Double> metrics = evaluator.evaluate(half, Evaluator.Depth.FULL);
      assertThat(metrics)
          .containsEntry("return", 1.5)
          .containsEntry("returnMin", 1.0)
          .containsEntry("returnMax", 2.0);
    }
  }

  @Test
  void shouldClipActionsBeforeTheyAct() throws Exception {
    EpisodeEvaluator evaluator = new EpisodeEvaluator(Mirror::new, 2, 1);
    try (LoadedGenerator beyond = always(7)) {
      assertThat(evaluator.evaluate(beyond, Evaluator.Depth.FULL)).containsEntry("return", 3.0);
    }
  }

  @Test
  void shouldSayWhyWhenTheEnvironmentFails() throws Exception {
    EpisodeEvaluator evaluator =
        new EpisodeEvaluator(
            () -> {
              throw new EnvironmentException("nobody listens");
            },
            2,
            1);
    try (LoadedGenerator policy = always(0)) {
      assertThatThrownBy(() -> evaluator.evaluate(policy, Evaluator.Depth.QUICK))
          .hasMessageContaining("nobody listens");
    }
  }
}
