// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.regression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class TemperingTest {

  @Test
  void shouldRiseByTheSameFactorEachStepUpToOne() {
    Tempering tempering = new Tempering(100, 0.01);

    assertThat(tempering.at(0)).isCloseTo(0.01, within(1e-15));
    assertThat(tempering.at(50)).isCloseTo(0.1, within(1e-15));
    assertThat(tempering.at(51) / tempering.at(50))
        .isCloseTo(tempering.at(2) / tempering.at(1), within(1e-12));
    assertThat(tempering.at(100)).isEqualTo(1);
    assertThat(tempering.at(Long.MAX_VALUE)).isEqualTo(1);
  }

  @Test
  void shouldBeginAtFullStrengthWhenThereIsNone() {
    assertThat(Tempering.NONE.at(0)).isEqualTo(1);
  }

  @Test
  void shouldRefuseSharesThatAreNone() {
    assertThatThrownBy(() -> new Tempering(10, 0)).hasMessageContaining("learner.tempering");
    assertThatThrownBy(() -> new Tempering(10, 1.5)).hasMessageContaining("1.5");
    assertThatThrownBy(() -> new Tempering(-1, 0.5)).hasMessageContaining("-1");
  }
}
