// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.evaluation;

/**
 * A kernel density estimate in the plane with Gaussian kernels, full covariance and Scott's factor
 * {@code n^(-1/6)} (Scott 1992), as {@code scipy.stats.gaussian_kde} has it.
 */
final class GaussianKde {
  /** Beyond this squared, whitened distance a kernel adds less than 1e-16 of its peak. */
  private static final double FAR = 74;

  private final double[] x;
  private final double[] y;
  // The rows of the inverse Cholesky factor of the kernel's covariance.
  private final double whiteXx;
  private final double whiteYx;
  private final double whiteYy;

  /**
   * The estimate from a sample.
   *
   * @param sample {@code (n, 2)}, row-major, not all on one line
   */
  GaussianKde(float[] sample) {
    int n = sample.length / 2;
    double meanX = 0;
    double meanY = 0;
    for (int i = 0; i < n; i++) {
      meanX += sample[2 * i] / (double) n;
      meanY += sample[2 * i + 1] / (double) n;
    }
    double xx = 0;
    double xy = 0;
    double yy = 0;
    for (int i = 0; i < n; i++) {
      double dx = sample[2 * i] - meanX;
      double dy = sample[2 * i + 1] - meanY;
      xx += dx * dx;
      xy += dx * dy;
      yy += dy * dy;
    }
    double scale = Math.pow(n, -1.0 / 3) / (n - 1); // Scott's factor squared
    double lowXx = Math.sqrt(xx * scale);
    double lowYx = xy * scale / lowXx;
    double lowYy = Math.sqrt(yy * scale - lowYx * lowYx);
    whiteXx = 1 / lowXx;
    whiteYx = -lowYx / (lowXx * lowYy);
    whiteYy = 1 / lowYy;
    x = new double[n];
    y = new double[n];
    for (int i = 0; i < n; i++) {
      x[i] = whitenX(sample[2 * i]);
      y[i] = whitenY(sample[2 * i], sample[2 * i + 1]);
    }
  }

  private double whitenX(double px) {
    return whiteXx * px;
  }

  private double whitenY(double px, double py) {
    return whiteYx * px + whiteYy * py;
  }

  /** The density at a point, up to a constant factor of the whole estimate. */
  double at(double px, double py) {
    double wx = whitenX(px);
    double wy = whitenY(px, py);
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      double dx = x[i] - wx;
      double dy = y[i] - wy;
      double squared = dx * dx + dy * dy;
      if (squared < FAR) {
        sum += Math.exp(-0.5 * squared);
      }
    }
    return sum;
  }
}
