// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class GaussianKdeTest {

  /** Normals along two axes that are neither of the same length nor at a right angle. */
  private static float[] sample(int seed, int count) {
    Random random = new Random(seed);
    float[] sample = new float[2 * count];
    for (int i = 0; i < count; i++) {
      double a = random.nextGaussian();
      double b = random.nextGaussian();
      sample[2 * i] = (float) (3 + 2 * a);
      sample[2 * i + 1] = (float) (-1 + 0.8 * a + 0.5 * b);
    }
    return sample;
  }

  /** As scipy documents it, by the inverse of the covariance; up to a constant factor. */
  private static double byHand(float[] sample, double px, double py) {
    int n = sample.length / 2;
    double[] mean = new double[2];
    for (int i = 0; i < sample.length; i++) {
      mean[i % 2] += sample[i] / (double) n;
    }
    double xx = 0;
    double xy = 0;
    double yy = 0;
    for (int i = 0; i < n; i++) {
      double dx = sample[2 * i] - mean[0];
      double dy = sample[2 * i + 1] - mean[1];
      xx += dx * dx / (n - 1);
      xy += dx * dy / (n - 1);
      yy += dy * dy / (n - 1);
    }
    double scott = Math.pow(n, -1.0 / 6);
    double determinant = (xx * yy - xy * xy) * scott * scott;
    double sum = 0;
    for (int i = 0; i < n; i++) {
      double dx = sample[2 * i] - px;
      double dy = sample[2 * i + 1] - py;
      double form = (yy * dx * dx - 2 * xy * dx * dy + xx * dy * dy) / determinant;
      sum += Math.exp(-form / 2);
    }
    return sum;
  }

  @Test
  void shouldBeTheEstimateOfTheFormula() {
    float[] sample = sample(1, 200);
    GaussianKde kde = new GaussianKde(sample);
    for (double[] at : new double[][] {{3, -1}, {0, -2}, {6, 1}, {3, 1}, {-4, -4}}) {
      double expected = byHand(sample, at[0], at[1]);
      assertThat(kde.at(at[0], at[1])).isCloseTo(expected, within(1e-9 * expected + 1e-14));
    }
  }

  @Test
  void shouldBeTheSameWhenThePointsComeInAnotherOrder() {
    float[] sample = sample(2, 50);
    float[] reversed = new float[sample.length];
    for (int i = 0; i < 50; i++) {
      reversed[2 * i] = sample[sample.length - 2 - 2 * i];
      reversed[2 * i + 1] = sample[sample.length - 1 - 2 * i];
    }
    double density = new GaussianKde(sample).at(2, -1);
    assertThat(new GaussianKde(reversed).at(2, -1)).isCloseTo(density, within(1e-9 * density));
  }

  @Test
  void shouldMoveAndStretchWithItsSample() {
    float[] sample = sample(3, 100);
    float[] other = new float[sample.length];
    for (int i = 0; i < sample.length; i++) {
      other[i] = i % 2 == 0 ? 4 * sample[i] + 8 : sample[i] / 2 - 1;
    }
    double density = new GaussianKde(sample).at(2.5, -0.5);
    assertThat(new GaussianKde(other).at(4 * 2.5 + 8, -0.25 - 1))
        .isCloseTo(density, within(1e-5 * density));
  }

  @Test
  void shouldBeNothingWhenThePointIsFarFromAllOthers() {
    assertThat(new GaussianKde(sample(4, 50)).at(1e4, -1e4)).isZero();
  }
}
