// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.favstream.protocol.Noise;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NoiseSourceTest {
  private static final Noise NOISE = new Noise(0x1234_5678_9ABC_DEF0L, 7);

  /** The quantiles of the first published words of Philox, to the bit: the log depends on them. */
  @Test
  void shouldBeTheQuantilesOfThePublishedWords() {
    double[] quantiles = {
      -0.2558159704329815, 1.1775912391721348, 0.6301836563560435, 0.26756224939052
    };
    float[] normals = NoiseSource.normals(new Noise(0, 0), 4);
    for (int i = 0; i < 4; i++) {
      assertThat(normals[i]).isEqualTo((float) quantiles[i]);
    }
  }

  /** {@code Φ(x)} by Marsaglia's series (2004): another way than the inverse that is tested. */
  private static double distribution(double x) {
    double sum = x;
    double term = x;
    for (int i = 3; Math.abs(term) > 1e-18; i += 2) {
      term *= x * x / i;
      sum += term;
    }
    return 0.5 + sum * density(x);
  }

  private static double density(double x) {
    return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
  }

  @Test
  void shouldInvertTheDistributionWhenWordsLieInTheMiddleAndInTheTails() {
    int blocks = 50_000;
    float[] normals = NoiseSource.normals(NOISE, 4 * blocks);
    int[] words = new int[4];
    double least = 1;
    double most = 0;
    for (int i = 0; i < normals.length; i++) {
      if (i % 4 == 0) {
        Philox.block(NOISE.key(), i / 4, NOISE.counter(), words);
      }
      double p = (Integer.toUnsignedLong(words[i % 4]) + 0.5) / 4294967296.0;
      double rounding = Math.abs(normals[i]) * 0x1p-24 * density(normals[i]);
      if (!(Math.abs(distribution(normals[i]) - p) <= 1.001 * rounding + 1e-14)) {
        assertThat(distribution(normals[i])).isCloseTo(p, within(rounding));
      }
      least = Math.min(least, p);
      most = Math.max(most, p);
    }
    assertThat(least).isLessThan(1e-4);
    assertThat(most).isGreaterThan(1 - 1e-4);
  }

  @Test
  void shouldHaveTheMomentsOfANormal() {
    float[] normals = NoiseSource.normals(NOISE, 1_000_000);
    double[] moments = new double[5];
    double neighbours = 0;
    for (int i = 0; i < normals.length; i++) {
      double power = 1;
      for (int k = 1; k <= 4; k++) {
        power *= normals[i];
        moments[k] += power / normals.length;
      }
      neighbours += i == 0 ? 0 : (double) normals[i] * normals[i - 1] / normals.length;
    }
    // Five standard deviations of each mean.
    assertThat(moments[1]).isCloseTo(0, within(0.005));
    assertThat(moments[2]).isCloseTo(1, within(0.0071));
    assertThat(moments[3]).isCloseTo(0, within(0.0194));
    assertThat(moments[4]).isCloseTo(3, within(0.049));
    assertThat(neighbours).isCloseTo(0, within(0.005));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 7, 8, 101})
  void shouldBeginTheSameWhenFewerOrMoreAreAsked(int count) {
    float[] all = NoiseSource.normals(NOISE, 128);
    assertThat(NoiseSource.normals(NOISE, count)).containsExactly(Arrays.copyOf(all, count));
    int[] integers = NoiseSource.integers(NOISE, 128, 1000);
    assertThat(NoiseSource.integers(NOISE, count, 1000))
        .containsExactly(Arrays.copyOf(integers, count));
    long[] longs = NoiseSource.longs(NOISE, 128, 1L << 40);
    assertThat(NoiseSource.longs(NOISE, count, 1L << 40))
        .containsExactly(Arrays.copyOf(longs, count));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 3, 1000, 1L << 33, (1L << 62) - 1})
  void shouldStayBelowTheBoundAndReachAllOfItWhenItIsWide(long bound) {
    int count = 100_000;
    double mean = 0;
    long low = Long.MAX_VALUE;
    long high = 0;
    for (long number : NoiseSource.longs(NOISE, count, bound)) {
      assertThat(number >= 0 && number < bound).isTrue();
      mean += (number + 0.5) / bound / count;
      low = Math.min(low, number);
      high = Math.max(high, number);
    }
    assertThat(mean).isCloseTo(0.5, within(0.01));
    assertThat(low).isLessThanOrEqualTo(bound / 1000);
    assertThat(high).isGreaterThanOrEqualTo(bound - 1 - bound / 1000);
  }

  @Test
  void shouldBeTheSameWhenGroupsAreMadeInAnotherOrder() {
    float[][] forward = new float[5][];
    float[][] backward = new float[5][];
    for (int i = 0; i < 5; i++) {
      forward[i] = NoiseSource.normals(new Noise(3, i), 9);
      backward[4 - i] = NoiseSource.normals(new Noise(3, 4 - i), 9);
    }
    for (int i = 0; i < 5; i++) {
      assertThat(backward[i]).containsExactly(forward[i]);
    }
  }

  @Test
  void shouldShareNothingWhenKeyOrCounterDiffers() {
    Set<Float> seen = new HashSet<>();
    int made = 0;
    for (long key = 0; key < 10; key++) {
      for (long counter = 0; counter < 10; counter++) {
        for (float normal : NoiseSource.normals(new Noise(key, counter), 4)) {
          seen.add(normal);
          made++;
        }
      }
    }
    assertThat(seen).hasSize(made);
  }

  @Test
  void shouldGiveAnotherKeyToEachSeedSamplerAndStart() {
    Set<Long> keys = new HashSet<>();
    int made = 0;
    for (long seed : new long[] {0, 1, -1, Long.MAX_VALUE}) {
      for (String sampler : new String[] {"", "a", "b", "ab", "ba", "sampler-1", "sampler-11"}) {
        for (long incarnation = 0; incarnation < 12; incarnation++) {
          assertThat(NoiseSource.key(seed, sampler, incarnation))
              .isEqualTo(NoiseSource.key(seed, sampler, incarnation));
          keys.add(NoiseSource.key(seed, sampler, incarnation));
          made++;
        }
      }
    }
    assertThat(keys).hasSize(made);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 8, 1000, Integer.MAX_VALUE})
  void shouldStayBelowTheBoundAndReachAllOfIt(int bound) {
    int count = 100_000;
    int[] integers = NoiseSource.integers(NOISE, count, bound);
    double mean = 0;
    int low = Integer.MAX_VALUE;
    int high = 0;
    for (int integer : integers) {
      assertThat(integer >= 0 && integer < bound).isTrue();
      mean += (integer + 0.5) / bound / count;
      low = Math.min(low, integer);
      high = Math.max(high, integer);
    }
    assertThat(mean).isCloseTo(0.5, within(bound == 1 ? 1e-9 : 0.01));
    assertThat(low).isLessThanOrEqualTo(bound / 1000);
    assertThat(high).isGreaterThanOrEqualTo(bound - 1 - bound / 1000);
  }

  @Test
  void shouldBeOfAnotherSequenceThanTheNormalsWhenIntegersAreDrawn() {
    int count = 100_000;
    float[] normals = NoiseSource.normals(NOISE, count);
    int[] signs = NoiseSource.integers(NOISE, count, 2);
    double together = 0;
    for (int i = 0; i < count; i++) {
      together += normals[i] * (2 * signs[i] - 1) / count;
    }
    assertThat(together).isCloseTo(0, within(0.016));
  }

  private static Noise quasi(long counter) {
    return new Noise(11, counter, Noise.Kind.QUASI_RANDOM);
  }

  /** To the bit: the log depends on them. */
  @Test
  void shouldBeTheShiftedPointsOfTheSequenceWhereItIsQuasiRandom() {
    float[] first = NoiseSource.normals(quasi(3), 3, 2);
    float[] more = NoiseSource.normals(quasi(3), 5, 2);
    assertThat(first).containsExactly(Arrays.copyOf(more, 6));
    for (int j = 0; j < 2; j++) {
      double root = Math.sqrt(j == 0 ? 2 : 3);
      double shift = distribution(first[j]);
      for (int i = 1; i < 5; i++) {
        double point = (shift + i * root) % 1;
        assertThat(distribution(more[2 * i + j])).isCloseTo(point, within(1e-6));
      }
    }
    assertThat(NoiseSource.normals(quasi(4), 3, 2)).isNotEqualTo(first);
  }

  @Test
  void shouldBeStandardNormalOfEachSampleWhereItIsQuasiRandom() {
    int groups = 4000;
    for (int sample : new int[] {0, 1, 63}) {
      double[] sum = new double[3];
      double[] squares = new double[3];
      double product = 0;
      for (int group = 0; group < groups; group++) {
        float[] normals = NoiseSource.normals(quasi(group), 64, 3);
        for (int j = 0; j < 3; j++) {
          sum[j] += normals[3 * sample + j];
          squares[j] += normals[3 * sample + j] * normals[3 * sample + j];
        }
        product += normals[3 * sample] * normals[3 * sample + 2];
      }
      for (int j = 0; j < 3; j++) {
        assertThat(sum[j] / groups).isCloseTo(0, within(4 / Math.sqrt(groups)));
        assertThat(squares[j] / groups).isCloseTo(1, within(4 * Math.sqrt(2.0 / groups)));
      }
      assertThat(product / groups).isCloseTo(0, within(4 / Math.sqrt(groups)));
    }
  }

  /** Variance, over groups, of a group's mean of a smooth function of all coordinates. */
  private static double variance(Noise.Kind kind, int samples, int size) {
    int groups = 100;
    double sum = 0;
    double squares = 0;
    for (int group = 0; group < groups; group++) {
      float[] normals = NoiseSource.normals(new Noise(11, group, kind), samples, size);
      double mean = 0;
      for (int i = 0; i < samples; i++) {
        double squared = 0;
        for (int j = 0; j < size; j++) {
          squared += Math.pow(normals[i * size + j] - 0.5, 2);
        }
        mean += Math.exp(-squared / (2 * size)) / samples;
      }
      sum += mean / groups;
      squares += mean * mean / groups;
    }
    return squares - sum * sum;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 8, 16})
  void shouldVaryLessInItsMeanWhereItIsQuasiRandom(int size) {
    for (int samples : new int[] {8, 300, 2048}) {
      double least = samples == 8 && size > 4 ? 1 : samples == 8 ? 2 : 10;
      assertThat(variance(Noise.Kind.QUASI_RANDOM, samples, size))
          .describedAs("%d samples of %d", samples, size)
          .isLessThan(variance(Noise.Kind.INDEPENDENT, samples, size) / least);
    }
  }

  @Test
  void shouldBeIndependentWhereASampleHasManyNumbers() {
    for (int size : new int[] {16, 17}) {
      boolean same =
          Arrays.equals(
              NoiseSource.normals(quasi(5), 3, size),
              NoiseSource.normals(new Noise(11, 5), 3, size));
      assertThat(same).describedAs("%d a sample", size).isEqualTo(size == 17);
    }
  }

  @Test
  void shouldBeTheGroupsSequenceWhereItIsIndependent() {
    assertThat(NoiseSource.normals(NOISE, 5, 3)).isEqualTo(NoiseSource.normals(NOISE, 15));
  }
}
