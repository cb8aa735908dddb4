// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.noise;

import java.math.BigInteger;

/**
 * The Kronecker sequence of the square roots of the primes (Richtmyer 1951): coordinate j of point
 * i is the fractional part of {@code i √p_j}. Any number of its points, from any one on, fills the
 * unit cube evenly. In fixed point, so that it is the same to the bit everywhere.
 */
final class Kronecker {
  /** In more dimensions its first thousands of points are no more even than random ones. */
  static final int MOST_DIMENSIONS = 16;

  private static final int[] PRIMES = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53};

  /** {@code √p mod 1}, in units of 2⁻⁶⁴. */
  private static final long[] STEPS = steps();

  private Kronecker() {}

  /**
   * A coordinate of a point.
   *
   * @param point from 0
   * @param dimension in [0, {@link #MOST_DIMENSIONS})
   * @return in units of 2⁻³², unsigned
   */
  static int word(int point, int dimension) {
    return (int) ((point * STEPS[dimension]) >>> 32);
  }

  private static long[] steps() {
    long[] steps = new long[MOST_DIMENSIONS];
    for (int i = 0; i < MOST_DIMENSIONS; i++) {
      steps[i] = BigInteger.valueOf(PRIMES[i]).shiftLeft(128).sqrt().longValue();
    }
    return steps;
  }
}
