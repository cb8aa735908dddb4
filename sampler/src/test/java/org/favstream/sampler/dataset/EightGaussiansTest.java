// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.favstream.protocol.Noise;
import org.junit.jupiter.api.Test;

class EightGaussiansTest {
  private static final EightGaussians DATA = new EightGaussians();

  @Test
  void shouldStandOnTheCircleFromNinetyDegreesOn() {
    double radius = 4 / Math.sqrt(2);
    int[] degrees = {90, 135, 180, 225, 270, 315, 0, 45};
    for (int mode = 0; mode < 8; mode++) {
      double[] centre = EightGaussians.centre(mode);
      double angle = Math.toRadians(degrees[mode]);
      assertThat(centre[0]).isCloseTo(radius * Math.cos(angle), within(1e-12));
      assertThat(centre[1]).isCloseTo(radius * Math.sin(angle), within(1e-12));
    }
  }

  @Test
  void shouldHaveEightModesOfTheSameWeightAndWidth() {
    int size = 80_000;
    float[] samples = DATA.draw(new Noise(3, 0), size).samples();
    assertThat(samples).hasSize(2 * size);
    int[] counts = new int[8];
    double[][] means = new double[8][2];
    double[][] squares = new double[8][2];
    double[] products = new double[8];
    for (int i = 0; i < size; i++) {
      int mode = nearest(samples[2 * i], samples[2 * i + 1]);
      double[] centre = EightGaussians.centre(mode);
      double dx = samples[2 * i] - centre[0];
      double dy = samples[2 * i + 1] - centre[1];
      counts[mode]++;
      means[mode][0] += dx;
      means[mode][1] += dy;
      squares[mode][0] += dx * dx;
      squares[mode][1] += dy * dy;
      products[mode] += dx * dy;
    }
    for (int mode = 0; mode < 8; mode++) {
      assertThat((double) counts[mode]).isCloseTo(size / 8.0, within(500.0));
      for (int axis = 0; axis < 2; axis++) {
        assertThat(means[mode][axis] / counts[mode]).isCloseTo(0, within(0.02));
        assertThat(Math.sqrt(squares[mode][axis] / counts[mode]))
            .isCloseTo(EightGaussians.STANDARD_DEVIATION, within(0.015));
      }
      assertThat(products[mode] / counts[mode]).isCloseTo(0, within(0.01));
    }
    assertThat(EightGaussians.STANDARD_DEVIATION).isCloseTo(0.5 / Math.sqrt(2), within(1e-15));
  }

  private static int nearest(double x, double y) {
    int best = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int mode = 0; mode < 8; mode++) {
      double[] centre = EightGaussians.centre(mode);
      double distance = Math.hypot(x - centre[0], y - centre[1]);
      if (distance < least) {
        least = distance;
        best = mode;
      }
    }
    return best;
  }

  @Test
  void shouldGiveTheSameBatchWhenItIsDrawnAgainAndAnotherForAnotherDraw() {
    float[] batch = DATA.draw(new Noise(3, 5), 20).samples();
    assertThat(new EightGaussians().draw(new Noise(3, 5), 20).samples()).containsExactly(batch);
    assertThat(DATA.draw(new Noise(3, 6), 20).samples()).isNotEqualTo(batch);
    assertThat(DATA.draw(new Noise(4, 5), 20).samples()).isNotEqualTo(batch);
    assertThat(DATA.draw(new Noise(3, 5), 20).contexts()).isEmpty();
  }
}
