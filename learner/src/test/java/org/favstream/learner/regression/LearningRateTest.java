// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.regression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LearningRateTest {

  @Test
  void shouldStayWhereItIsWithoutDecay() {
    LearningRate rate = new LearningRate(0.5, 0, 0);
    assertThat(rate.at(0)).isEqualTo(0.5);
    assertThat(rate.at(1_000_000)).isEqualTo(0.5);
  }

  @Test
  void shouldFallAlongHalfACosineToItsFloorAndStayThere() {
    LearningRate rate = new LearningRate(2, 100, 0.25);
    assertThat(rate.at(0)).isEqualTo(2);
    // base (floor + (1 - floor) (1 + cos(pi s / 100)) / 2)
    assertThat(rate.at(25)).isCloseTo(2 * (0.25 + 0.75 * (1 + Math.sqrt(0.5)) / 2), within(1e-12));
    assertThat(rate.at(50)).isCloseTo(2 * (0.25 + 0.75 / 2), within(1e-12));
    assertThat(rate.at(100)).isCloseTo(0.5, within(1e-12));
    assertThat(rate.at(150)).isCloseTo(0.5, within(1e-12));
    assertThat(rate.at(Long.MAX_VALUE)).isCloseTo(0.5, within(1e-12));
  }

  @Test
  void shouldRefuseWhatIsNoRate() {
    for (double base : new double[] {0, -1, Double.NaN}) {
      assertThatThrownBy(() -> new LearningRate(base, 0, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("learner.learning-rate: base " + base);
    }
    assertThatThrownBy(() -> new LearningRate(1, -1, 0)).hasMessageContaining("decay-steps -1");
    for (double floor : new double[] {-0.1, 1.1, Double.NaN}) {
      assertThatThrownBy(() -> new LearningRate(1, 0, floor))
          .hasMessageContaining("floor " + floor);
    }
  }
}
