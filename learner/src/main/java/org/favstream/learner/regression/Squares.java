// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.regression;

/**
 * Sums of squares in float64: in four sums, as one would wait for every addition before the next.
 */
final class Squares {
  private Squares() {}

  /** {@code Σ x²} from one index to another. */
  static double sum(float[] x, int from, int to) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = from;
    for (; i + 4 <= to; i += 4) {
      a += square(x[i]);
      b += square(x[i + 1]);
      c += square(x[i + 2]);
      d += square(x[i + 3]);
    }
    for (; i < to; i++) {
      a += square(x[i]);
    }
    return a + b + (c + d);
  }

  /** {@code Σ (x - y)²} from one index to another. */
  static double ofDifferences(float[] x, float[] y, int from, int to) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = from;
    for (; i + 4 <= to; i += 4) {
      a += square(x[i] - y[i]);
      b += square(x[i + 1] - y[i + 1]);
      c += square(x[i + 2] - y[i + 2]);
      d += square(x[i + 3] - y[i + 3]);
    }
    for (; i < to; i++) {
      a += square(x[i] - y[i]);
    }
    return a + b + (c + d);
  }

  private static double square(float x) {
    return (double) x * x;
  }
}
