// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.arm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.favstream.sampler.arm.ArmEvaluation.Outcome;
import org.junit.jupiter.api.Test;

class ArmEvaluationTest {
  private static final ArmSystem BEETLE = ArmSystem.of("great-devious-beetle");

  @Test
  void shouldMeasureTheDistanceOfAnArmThatFalls() {
    ArmInstance instance = drawn(BEETLE, 3, Optional.of(new ArmBaselines(0.1, 0.05, 2)));
    ArmEvaluation evaluation = ArmEvaluation.of(List.of(instance), seen -> new float[2], 10);
    Outcome outcome = evaluation.outcomes().get(0);
    double[] path = instance.target().path();
    double squares = 0;
    for (int at = 0; at < path.length; at++) {
      squares += Math.pow(outcome.tracked()[at] - path[at], 2);
    }
    assertThat(outcome.deviation()).isCloseTo(Math.sqrt(squares / 201), within(1e-12));
    assertThat(evaluation.rmse()).isEqualTo(outcome.deviation());
    assertThat(outcome.control()).isZero();
    assertThat(Arrays.copyOf(outcome.tracked(), 2))
        .containsExactly(Arrays.copyOf(path, 2), within(1e-12));
    assertThat(evaluation.score()).isEqualTo(outcome.score());
  }

  @Test
  void shouldMeasureControlInUnitsOfTheSystem() {
    ArmEvaluation evaluation =
        ArmEvaluation.of(
            List.of(drawn(BEETLE, 3, Optional.empty())), seen -> new float[] {2, -0.5f}, 10);
    double size = BEETLE.actionBound() * Math.sqrt((1 + 0.25) * 200 / 201);
    assertThat(evaluation.outcomes().get(0).control()).isCloseTo(size, within(1e-6));
    assertThat(evaluation.score()).isEmpty();
  }

  @Test
  void shouldTrackWhenTheControllerKnowsTheEquations() {
    for (ArmSystem system : ArmSystem.all()) {
      List<ArmInstance> instances =
          LongStream.range(0, 20).mapToObj(seed -> drawn(system, seed, Optional.empty())).toList();
      double[] deviations =
          ArmEvaluation.of(instances, new ArmController(system, 160, 25), 10).outcomes().stream()
              .mapToDouble(Outcome::deviation)
              .sorted()
              .toArray();
      assertThat(deviations[10]).describedAs("median on %s, in m", system).isLessThan(0.2);
    }
  }

  @Test
  void shouldRefuseTargetsOfSeveralSystems() {
    ArmInstance other = drawn(ArmSystem.of("rebel-wine-beetle"), 1, Optional.empty());
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                ArmEvaluation.of(
                    List.of(drawn(BEETLE, 1, Optional.empty()), other), seen -> new float[6], 10))
        .withMessage("targets of great-devious-beetle and of rebel-wine-beetle in one evaluation");
  }

  private static ArmInstance drawn(ArmSystem system, long seed, Optional<ArmBaselines> baselines) {
    return new ArmInstance(Long.toString(seed), system, ArmTargets.draw(system, seed), baselines);
  }
}
