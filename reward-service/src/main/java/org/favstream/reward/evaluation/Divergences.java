// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.evaluation;

import java.util.function.IntConsumer;

/** How far a generated sample is from a target sample, in the plane. */
public final class Divergences {
  private static final int GRID = 80;
  private static final double MARGIN = 0.5;

  /** Stands for a density that is too small for a double; its logarithm is about -690. */
  private static final double SMALLEST = 1e-300;

  private Divergences() {}

  /**
   * KL(target ‖ generated) of two kernel density estimates, normalised on an 80×80 grid over the
   * pooled range ± 0.5 (FAV, arXiv 2605.26552, toy experiments). It is NaN, not small, where it
   * cannot be measured: a number is not finite, a sample lies on a line, or all of one lies between
   * the grid's points.
   *
   * @param target {@code (n, 2)}, row-major
   * @param generated {@code (m, 2)}, row-major
   */
  public static double kl(float[] target, float[] generated) {
    double[] low = {Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY};
    double[] high = {Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY};
    for (float[] sample : new float[][] {target, generated}) {
      for (int i = 0; i < sample.length; i++) {
        low[i % 2] = Math.min(low[i % 2], sample[i]);
        high[i % 2] = Math.max(high[i % 2], sample[i]);
      }
    }
    double[] p = onGrid(new GaussianKde(target), low, high);
    double[] q = onGrid(new GaussianKde(generated), low, high);
    double kl = 0;
    for (int cell = 0; cell < p.length; cell++) {
      if (p[cell] != 0) { // also where it is NaN
        kl += p[cell] * Math.log(p[cell] / Math.max(q[cell], SMALLEST));
      }
    }
    return kl;
  }

  private static double[] onGrid(GaussianKde density, double[] low, double[] high) {
    double[] cells = new double[GRID * GRID];
    double stepX = (high[0] - low[0] + 2 * MARGIN) / (GRID - 1);
    double stepY = (high[1] - low[1] + 2 * MARGIN) / (GRID - 1);
    double sum = 0;
    for (int i = 0; i < GRID; i++) {
      for (int j = 0; j < GRID; j++) {
        double value = density.at(low[0] - MARGIN + i * stepX, low[1] - MARGIN + j * stepY);
        cells[i * GRID + j] = value;
        sum += value;
      }
    }
    for (int cell = 0; cell < cells.length; cell++) {
      cells[cell] /= sum;
    }
    return cells;
  }

  /**
   * The biased squared maximum mean discrepancy with the kernel {@code exp(-d² / 2s²)}, {@code s}
   * the median distance between two points of both samples together (Gretton and others 2012).
   *
   * @param target {@code (n, 2)}, row-major
   * @param generated {@code (m, 2)}, row-major
   */
  public static double mmd2(float[] target, float[] generated) {
    double s = medianDistance(target, generated);
    double scale = -1 / (2 * s * s);
    return meanKernel(target, target, scale)
        + meanKernel(generated, generated, scale)
        - 2 * meanKernel(target, generated, scale);
  }

  private static double meanKernel(float[] a, float[] b, double scale) {
    double sum = 0;
    for (int i = 0; i < a.length; i += 2) {
      for (int j = 0; j < b.length; j += 2) {
        sum += Math.exp(scale * squared(a, i, b, j));
      }
    }
    return sum / (a.length / 2.0) / (b.length / 2.0);
  }

  private static double squared(float[] a, int i, float[] b, int j) {
    double dx = (double) a[i] - b[j];
    double dy = (double) a[i + 1] - b[j + 1];
    return dx * dx + dy * dy;
  }

  /**
   * The (lower) median distance between two different points of both samples together, found
   * without holding all distances: they are counted by their upper bits first, then the median's
   * cell is ordered.
   */
  static double medianDistance(float[] target, float[] generated) {
    float[] all = new float[target.length + generated.length];
    System.arraycopy(target, 0, all, 0, target.length);
    System.arraycopy(generated, 0, all, target.length, generated.length);
    int cellBits = 12;
    long[] counts = new long[1 << (31 - cellBits)];
    forEachPair(all, bits -> counts[bits >>> cellBits]++);
    long pairs = all.length / 2L * (all.length / 2L - 1) / 2;
    long rank = (pairs - 1) / 2;
    int cell = 0;
    while (rank >= counts[cell]) {
      rank -= counts[cell];
      cell++;
    }
    int median = cell;
    int[] inCell = new int[1 << cellBits];
    forEachPair(
        all,
        bits -> {
          if (bits >>> cellBits == median) {
            inCell[bits & (inCell.length - 1)]++;
          }
        });
    int low = 0;
    while (rank >= inCell[low]) {
      rank -= inCell[low];
      low++;
    }
    return Math.sqrt(Float.intBitsToFloat(median << cellBits | low));
  }

  private static void forEachPair(float[] points, IntConsumer squaredBits) {
    for (int i = 0; i < points.length; i += 2) {
      for (int j = i + 2; j < points.length; j += 2) {
        squaredBits.accept(Float.floatToRawIntBits((float) squared(points, i, points, j)));
      }
    }
  }
}
