// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.regression;

/**
 * A sum of squares in float64: in four sums, as one would wait for every addition before the next.
 */
final class Squares {
  private Squares() {}

  /** {@code Σ x²}. */
  static double sum(float[] x) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = 0;
    for (; i + 4 <= x.length; i += 4) {
      a += (double) x[i] * x[i];
      b += (double) x[i + 1] * x[i + 1];
      c += (double) x[i + 2] * x[i + 2];
      d += (double) x[i + 3] * x[i + 3];
    }
    for (; i < x.length; i++) {
      a += (double) x[i] * x[i];
    }
    return a + b + (c + d);
  }
}
