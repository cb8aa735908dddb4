// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.regression;

/**
 * Sums of squares in float64. Each in four sums, as one would wait for every addition before the
 * next.
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

  /** {@code Σ (x - y)²}, of arrays of one length. */
  static double distance(float[] x, float[] y) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = 0;
    for (; i + 4 <= x.length; i += 4) {
      double first = x[i] - y[i];
      double second = x[i + 1] - y[i + 1];
      double third = x[i + 2] - y[i + 2];
      double fourth = x[i + 3] - y[i + 3];
      a += first * first;
      b += second * second;
      c += third * third;
      d += fourth * fourth;
    }
    for (; i < x.length; i++) {
      double rest = x[i] - y[i];
      a += rest * rest;
    }
    return a + b + (c + d);
  }
}
