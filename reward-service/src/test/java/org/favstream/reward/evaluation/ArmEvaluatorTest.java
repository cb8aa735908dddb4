// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import java.util.List;
import java.util.Map;
import org.favstream.actors.weights.Weights;
import org.favstream.sampler.arm.ArmHeldOut;
import org.favstream.sampler.arm.ArmInstance;
import org.favstream.sampler.arm.ArmSystem;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.GeneratorSettings;
import org.favstream.sampler.generator.LoadedGenerator;
import org.junit.jupiter.api.Test;

class ArmEvaluatorTest {
  private static final Generator POLICY =
      new GeneratorSettings(GeneratorSettings.Family.POLICY, 2, 12, 2, List.of(4), 1).create();
  private static final List<ArmInstance> TARGETS =
      ArmHeldOut.draw(ArmSystem.of("great-devious-beetle"), 1, 25, 4);

  private final ArmEvaluator evaluator = new ArmEvaluator(TARGETS, 4, 1);

  private static LoadedGenerator policy(float... parameters) throws Exception {
    float[] all = new float[POLICY.layout().length()];
    System.arraycopy(parameters, 0, all, all.length - parameters.length, parameters.length);
    return new LoadedGenerator(POLICY, new Weights(POLICY.layout().tensors(), all), Device.cpu());
  }

  @Test
  void shouldGiveAnArmWithoutControlTheWorstScore() throws Exception {
    try (LoadedGenerator still = policy()) {
      Map<String, Double> metrics = evaluator.evaluate(still, Evaluator.Depth.FULL);
      assertThat(metrics.get("score")).isBetween(99.9, 100.0);
      assertThat(metrics.get("rmse")).isPositive();
    }
  }

  @Test
  void shouldClipActionsToTheBoundsBeforeTheyAct() throws Exception {
    try (LoadedGenerator most = policy(1, 1); // the last layer's bias
        LoadedGenerator beyond = policy(1000, 1000)) {
      assertThat(evaluator.evaluate(beyond, Evaluator.Depth.FULL))
          .isEqualTo(evaluator.evaluate(most, Evaluator.Depth.FULL));
    }
  }

  @Test
  void shouldShowTargetAndPathsBeforeAndAfter() throws Exception {
    try (LoadedGenerator before = policy();
        LoadedGenerator after = policy(0.5f, -0.5f)) {
      List<Panel> panels = evaluator.panels(before, after);
      assertThat(panels).hasSize(6);
      assertThat(panels.get(0).series())
          .extracting(Panel.Series::label)
          .containsExactly("before", "target", "after");
      assertThat(panels.get(0).series()).allSatisfy(path -> assertThat(path.x()).hasSize(201));
      assertThat(panels.get(0).series().get(0).x()).isNotEqualTo(panels.get(0).series().get(2).x());
    }
  }

  @Test
  void shouldMeasureFewerTargetsBesideTheLoopThanForAReport() throws Exception {
    try (LoadedGenerator policy = policy(0.5f, -0.5f)) {
      Map<String, Double> quick = evaluator.evaluate(policy, Evaluator.Depth.QUICK);
      ArmEvaluator few = new ArmEvaluator(TARGETS.subList(0, 20), 4, 1);
      assertThat(quick).isEqualTo(few.evaluate(policy, Evaluator.Depth.FULL));
    }
  }
}
