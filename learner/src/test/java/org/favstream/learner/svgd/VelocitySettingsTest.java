// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.svgd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class VelocitySettingsTest {

  @Test
  void shouldDefaultToTheExactVelocity() {
    assertThat(VelocitySettings.of(2, 0.05))
        .isEqualTo(new VelocitySettings(2, List.of(0.05), List.of(0.05), FloorMode.NONE, 1));
  }

  @Test
  void shouldRefuseWhenAValueIsOutOfRange() {
    for (double bandwidth : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY, 1e-31}) {
      assertThatThrownBy(() -> VelocitySettings.of(1, bandwidth))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("kdeBandwidths");
    }
    assertThatThrownBy(() -> VelocitySettings.of(Double.NaN, 1)).hasMessageContaining("beta");
    assertThatThrownBy(() -> new VelocitySettings(1, List.of(1.0), List.of(), FloorMode.NONE, 1))
        .hasMessageContaining("steinBandwidths");
    assertThatThrownBy(
            () -> new VelocitySettings(1, List.of(1.0), List.of(1.0), FloorMode.NONE, -0.5))
        .hasMessageContaining("repulsion");
    for (double exponent : new double[] {-0.1, 1.1, Double.NaN}) {
      assertThatThrownBy(
              () ->
                  new VelocitySettings(
                      1, List.of(1.0), List.of(1.0), FloorMode.NONE, 1, exponent, true))
          .hasMessageContaining("density-exponent");
    }
  }

  @Test
  void shouldKeepTheOthersWhereOneIsAnother() {
    VelocitySettings settings =
        new VelocitySettings(1, List.of(1.0), List.of(2.0), FloorMode.ORIGIN, 0.5, 0.25, false);
    assertThat(settings.withBeta(3))
        .isEqualTo(
            new VelocitySettings(
                3, List.of(1.0), List.of(2.0), FloorMode.ORIGIN, 0.5, 0.25, false));
    assertThat(settings.withBandwidth(4))
        .isEqualTo(
            new VelocitySettings(
                1, List.of(4.0), List.of(4.0), FloorMode.ORIGIN, 0.5, 0.25, false));
  }

  @Test
  void shouldFollowScottsRule() {
    // Standard deviations 1 and 2 (biased), B = 2, d = 2: h = 2^(-1/6) · 1.5.
    float[] samples = {-1, 3, 1, 7};
    double h = Math.pow(2, -1.0 / 6) * 1.5;
    assertThat(ScottBandwidth.sigma(samples, 2, 2)).isCloseTo(2 * h * h, within(1e-12));
  }

  @Test
  void shouldKeepScottsBandwidthPositiveWhenAllSamplesAreEqual() {
    assertThat(ScottBandwidth.sigma(new float[] {5, 5, 5}, 3, 1))
        .isCloseTo(2e-8 * Math.pow(3, -2.0 / 5), within(1e-15));
  }
}
