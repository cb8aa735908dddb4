// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DivergencesTest {

  private static float[] normals(int seed, int count, double shift, double width) {
    Random random = new Random(seed);
    float[] points = new float[2 * count];
    for (int i = 0; i < points.length; i++) {
      points[i] = (float) ((i % 2 == 0 ? shift : 0) + width * random.nextGaussian());
    }
    return points;
  }

  private static double distance(float[] points, int i, int j) {
    double dx = (double) points[2 * i] - points[2 * j];
    double dy = (double) points[2 * i + 1] - points[2 * j + 1];
    return Math.sqrt(dx * dx + dy * dy);
  }

  private static float[] joined(float[] first, float[] second) {
    float[] all = new float[first.length + second.length];
    System.arraycopy(first, 0, all, 0, first.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  /** All pairs, put in order. */
  private static double medianByHand(float[] first, float[] second) {
    float[] all = joined(first, second);
    List<Double> distances = new ArrayList<>();
    for (int i = 0; i < all.length / 2; i++) {
      for (int j = i + 1; j < all.length / 2; j++) {
        distances.add(distance(all, i, j));
      }
    }
    Collections.sort(distances);
    return distances.get((distances.size() - 1) / 2);
  }

  private static double meanKernelByHand(float[] first, float[] second, double s) {
    float[] all = joined(first, second);
    int n = first.length / 2;
    int m = second.length / 2;
    double sum = 0;
    for (int i = 0; i < n; i++) {
      for (int j = n; j < n + m; j++) {
        double d = distance(all, i, j);
        sum += Math.exp(-d * d / (2 * s * s));
      }
    }
    return sum / n / m;
  }

  @Test
  void shouldBeZeroWhenBothSamplesAreTheSame() {
    float[] sample = normals(1, 100, 0, 1);
    assertThat(Divergences.kl(sample, sample)).isZero();
    assertThat(Divergences.mmd2(sample, sample)).isCloseTo(0, within(1e-12));
  }

  @Test
  void shouldGrowWithTheDistanceBetweenTheSamples() {
    float[] target = normals(1, 300, 0, 1);
    double lastKl = Divergences.kl(target, normals(2, 300, 0, 1));
    double lastMmd2 = Divergences.mmd2(target, normals(2, 300, 0, 1));
    assertThat(lastKl).isBetween(0.0, 0.1);
    assertThat(lastMmd2).isBetween(0.0, 0.01);
    for (double shift : new double[] {0.7, 1.5, 3}) {
      float[] generated = normals(2, 300, shift, 1);
      double kl = Divergences.kl(target, generated);
      double mmd2 = Divergences.mmd2(target, generated);
      assertThat(kl).isGreaterThan(lastKl + 0.1);
      assertThat(mmd2).isGreaterThan(lastMmd2 + 0.02);
      lastKl = kl;
      lastMmd2 = mmd2;
    }
  }

  /**
   * In the plane {@code (2/s² + m²/s² - 2) / 2 + 2 log s}, the variances widened by the kernels.
   */
  @Test
  void shouldBeNearTheDivergenceOfTwoNormals() {
    int n = 4000;
    float[] target = normals(3, n, 0, 1);
    float[] generated = normals(4, n, 1, 1.5);
    double widened = 1 + Math.pow(n, -1.0 / 3);
    double ratio = 1 / (1.5 * 1.5);
    double expected = 0.5 * (2 * ratio + 1 / (1.5 * 1.5 * widened) - 2 - 2 * Math.log(ratio));
    assertThat(Divergences.kl(target, generated)).isCloseTo(expected, within(0.05));
  }

  @Test
  void shouldAskForTheTargetsMassWhenModesAreMissing() {
    float[] one = normals(5, 200, 0, 0.5);
    float[] both = joined(normals(6, 100, 0, 0.5), normals(7, 100, 6, 0.5));
    // A mode of the target that nobody generates costs; one more than asked for costs log 2.
    assertThat(Divergences.kl(both, one)).isGreaterThan(3);
    assertThat(Divergences.kl(one, both)).isBetween(0.0, 1.2);
  }

  @Test
  void shouldStayFiniteWhenTheSamplesAreFarApart() {
    float[] target = normals(8, 50, 0, 5);
    float[] generated = normals(9, 50, 1000, 5);
    assertThat(Divergences.kl(target, generated)).isBetween(600.0, 700.0);
    assertThat(Divergences.mmd2(target, generated)).isBetween(0.5, 2.0);
  }

  /** Zero would be a perfect score for a generator that has come to grief. */
  @Test
  void shouldBeNoNumberWhenItCannotBeMeasured() {
    float[] target = normals(8, 50, 0, 1);
    for (float number : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      float[] generated = target.clone();
      generated[7] = number;
      assertThat(Divergences.kl(target, generated)).isNaN();
      assertThat(Divergences.kl(generated, target)).isNaN();
    }
    assertThat(Divergences.kl(target, new float[100])).isNaN(); // all in one point
    float[] narrow = normals(8, 50, 0, 0.01);
    float[] farAway = normals(9, 50, 1000, 0.01);
    assertThat(Divergences.kl(narrow, farAway)).isNaN(); // between the grid's points
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5, 6, 40})
  void shouldFindTheMedianDistanceAsIfAllWereOrdered(int count) {
    float[] target = normals(count, count, 0, 1);
    float[] generated = normals(count + 1, count + 1, 1, 2);
    double expected = medianByHand(target, generated);
    assertThat(Divergences.medianDistance(target, generated))
        .isCloseTo(expected, within(1e-7 * expected));
  }

  @Test
  void shouldFindTheMedianDistanceWhenMostPointsAreTheSame() {
    float[] points = {0, 0, 0, 0, 0, 0, 3, 4};
    float[] far = {3, 4};
    // Among the ten distances are four of 0 and six of 5.
    assertThat(Divergences.medianDistance(points, far)).isEqualTo(5);
    assertThat(Divergences.medianDistance(points, new float[] {0, 0})).isZero();
  }

  @Test
  void shouldBeTheDiscrepancyOfTheFormulaWhenSizesDiffer() {
    float[] target = normals(10, 30, 0, 1);
    float[] generated = normals(11, 50, 0.5, 1.2);
    double s = medianByHand(target, generated);
    double expected =
        meanKernelByHand(target, target, s)
            + meanKernelByHand(generated, generated, s)
            - 2 * meanKernelByHand(target, generated, s);
    assertThat(Divergences.mmd2(target, generated)).isCloseTo(expected, within(1e-8));
    assertThat(Divergences.mmd2(generated, target)).isCloseTo(expected, within(1e-8));
  }
}
