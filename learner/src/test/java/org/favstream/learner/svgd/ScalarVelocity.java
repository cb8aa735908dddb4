// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.svgd;

import java.util.List;

/**
 * The formulas of the velocity written down in float64, one sum after the other. It is what the
 * vectorised computation is compared with, so it shares nothing with it; the floors are written as
 * the reference codes have them.
 */
final class ScalarVelocity {
  private ScalarVelocity() {}

  /** {@code φ}, {@code (contexts, n, d)}. */
  static double[] velocities(VelocitySettings settings, ParticleBlock block) {
    int n = block.particleCount();
    int d = block.dimensions();
    double[] scores = scores(settings, block);
    double[] velocities = new double[scores.length];
    for (int i = 0; i < block.rows(); i++) {
      int first = i / n * n;
      double density = 0;
      for (int j = first; j < first + n; j++) {
        if (j == i && !settings.ownTerm()) {
          continue;
        }
        double squared = squared(block.particles(), i, block.particles(), j, d);
        for (double sigma : settings.steinBandwidths()) {
          double kernel = Math.exp(-squared / sigma);
          density += kernel / n;
          for (int q = 0; q < d; q++) {
            double apart = (double) block.particles()[i * d + q] - block.particles()[j * d + q];
            velocities[i * d + q] +=
                kernel * (scores[j * d + q] + settings.repulsion() * 2 / sigma * apart) / n;
          }
        }
      }
      for (int q = 0; q < d; q++) {
        velocities[i * d + q] /= Math.pow(Math.max(1.0 / n, density), settings.densityExponent());
      }
    }
    return velocities;
  }

  /** {@code ∇ log p̂ + β ∇r}, {@code (contexts, n, d)}. */
  static double[] scores(VelocitySettings settings, ParticleBlock block) {
    double[] scores = new double[block.rows() * block.dimensions()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = settings.beta() * block.rewardGradients()[i];
    }
    for (int i = 0; i < block.rows(); i++) {
      addPrior(settings, block, i, scores);
    }
    return scores;
  }

  private static void addPrior(
      VelocitySettings settings, ParticleBlock block, int row, double[] scores) {
    int d = block.dimensions();
    int m = block.referenceCount();
    int first = row / block.particleCount() * m;
    List<Double> bandwidths = settings.kdeBandwidths();
    // What all kernels are taken relative to: the largest of them, or 1.
    double shift =
        settings.floorMode() == FloorMode.NONE ? largestLogit(bandwidths, block, row) : 0;
    double mass = 0;
    double slope = 0;
    double[] pull = new double[d];
    double[] mean = new double[d];
    for (int k = first; k < first + m; k++) {
      double squared = squared(block.particles(), row, block.references(), k, d);
      for (double sigma : bandwidths) {
        double kernel = Math.exp(-squared / sigma - shift);
        mass += kernel;
        slope += 2 / sigma * kernel;
        for (int q = 0; q < d; q++) {
          double y = block.references()[k * d + q];
          pull[q] += 2 / sigma * kernel * (y - block.particles()[row * d + q]);
          mean[q] += 2 / sigma * kernel * y;
        }
      }
    }
    for (int q = 0; q < d; q++) {
      scores[row * d + q] +=
          switch (settings.floorMode()) {
            case NONE -> pull[q] / mass;
            case NO_PRIOR -> pull[q] / Math.max(mass, 1e-6);
            case ORIGIN ->
                mean[q] / Math.max(mass, 1e-6) - slope / mass * block.particles()[row * d + q];
          };
    }
  }

  /** {@code log p̂(x)} of a row but for a constant. */
  static double logDensity(List<Double> bandwidths, ParticleBlock block, int row) {
    int m = block.referenceCount();
    int first = row / block.particleCount() * m;
    double largest = largestLogit(bandwidths, block, row);
    double mass = 0;
    for (int k = first; k < first + m; k++) {
      double squared = squared(block.particles(), row, block.references(), k, block.dimensions());
      for (double sigma : bandwidths) {
        mass += Math.exp(-squared / sigma - largest);
      }
    }
    return largest + Math.log(mass);
  }

  private static double largestLogit(List<Double> bandwidths, ParticleBlock block, int row) {
    int m = block.referenceCount();
    int first = row / block.particleCount() * m;
    double largest = Double.NEGATIVE_INFINITY;
    for (int k = first; k < first + m; k++) {
      double squared = squared(block.particles(), row, block.references(), k, block.dimensions());
      for (double sigma : bandwidths) {
        largest = Math.max(largest, -squared / sigma);
      }
    }
    return largest;
  }

  private static double squared(float[] a, int i, float[] b, int j, int d) {
    double squared = 0;
    for (int q = 0; q < d; q++) {
      double difference = (double) a[i * d + q] - b[j * d + q];
      squared += difference * difference;
    }
    return squared;
  }
}
