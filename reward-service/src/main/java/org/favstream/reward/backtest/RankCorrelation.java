// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.backtest;

import java.util.Arrays;

/**
 * Spearman's rank correlation with average ranks for ties: Pearson's correlation of the ranks. All
 * sums are of whole numbers, so the order of the pairs changes no bit of it.
 */
final class RankCorrelation {
  private RankCorrelation() {}

  /**
   * The correlation of the pairs {@code (a[i], b[i])}.
   *
   * @param a finite numbers
   * @param b finite numbers
   * @param from first index
   * @param to index after the last; {@code to - from} is at most {@link Backtest#MAX_PARTICLES}
   * @return in [-1, 1]; NaN where all numbers of a side are equal, so that nothing is ranked
   */
  static double of(float[] a, float[] b, int from, int to) {
    int[] ranksOfA = centredRanks(a, from, to);
    int[] ranksOfB = centredRanks(b, from, to);
    long together = 0;
    long squaresOfA = 0;
    long squaresOfB = 0;
    for (int i = 0; i < ranksOfA.length; i++) {
      together += (long) ranksOfA[i] * ranksOfB[i];
      squaresOfA += (long) ranksOfA[i] * ranksOfA[i];
      squaresOfB += (long) ranksOfB[i] * ranksOfB[i];
    }
    // One root of the product: it is exact where the two are equal, and so are 1 and -1.
    return together / Math.sqrt((double) squaresOfA * (double) squaresOfB);
  }

  /** Twice the distance of each rank from the mean rank, a whole number also among ties. */
  private static int[] centredRanks(float[] values, int from, int to) {
    int count = to - from;
    long[] order = new long[count];
    for (int i = 0; i < count; i++) {
      order[i] = ((long) ordered(values[from + i]) << Integer.SIZE) | i;
    }
    Arrays.sort(order);
    int[] ranks = new int[count];
    int first = 0;
    while (first < count) {
      int after = first + 1;
      while (after < count && order[after] >> Integer.SIZE == order[first] >> Integer.SIZE) {
        after++;
      }
      for (int place = first; place < after; place++) {
        ranks[(int) order[place]] = first + after - count;
      }
      first = after;
    }
    return ranks;
  }

  /** A whole number that is ordered as the float is; 0 and -0 are one. */
  private static int ordered(float value) {
    int bits = Float.floatToRawIntBits(value + 0f);
    return bits ^ ((bits >> 31) & Integer.MAX_VALUE);
  }
}
