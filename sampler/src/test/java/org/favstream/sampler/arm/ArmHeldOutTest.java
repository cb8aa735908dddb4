// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.arm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class ArmHeldOutTest {
  private static final ArmSystem BEETLE = ArmSystem.of("great-devious-beetle");

  @Test
  void shouldScoreOneForTheControllerAndAHundredForNoControl() {
    List<ArmInstance> instances = ArmHeldOut.draw(BEETLE, 1, 5, 2);
    assertThat(instances).hasSize(5);
    ArmPolicy controller = new ArmController(BEETLE, ArmHeldOut.STIFFNESS, ArmHeldOut.DAMPING);
    assertThat(ArmEvaluation.of(instances, controller, 2).score().orElseThrow())
        .isCloseTo(1, within(1e-9));
    assertThat(ArmEvaluation.of(instances, seen -> new float[5 * 2], 2).score().orElseThrow())
        .isCloseTo(100, within(1e-9));
  }

  @Test
  void shouldDrawTheSameWhenTheSeedIsTheSame() {
    double[] one = ArmHeldOut.draw(BEETLE, 1, 1, 2).get(0).target().path();
    assertThat(ArmHeldOut.draw(BEETLE, 1, 2, 2).get(0).target().path()).isEqualTo(one);
    assertThat(ArmHeldOut.draw(BEETLE, 2, 1, 2).get(0).target().path()).isNotEqualTo(one);
  }
}
