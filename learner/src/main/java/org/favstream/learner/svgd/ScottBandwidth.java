// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.svgd;

/**
 * Scott's rule for the bandwidth of a batch: {@code σ = 2h²}, {@code h = B^(-1/(d+4))} times the
 * mean over the dimensions of the samples' standard deviation, each at least {@value
 * #LEAST_DEVIATION}. The deviation divides by B (biased), as the reference code of FAV (arXiv
 * 2605.26552) has it.
 */
public final class ScottBandwidth {
  private static final double LEAST_DEVIATION = 1e-4;

  private ScottBandwidth() {}

  /**
   * The bandwidth {@code σ} for one batch.
   *
   * @param references the batch's reference samples {@code (count, d)}, row-major: for a policy the
   *     data set's own action at each state
   * @param count B, the number of reference samples
   * @param dimensions d
   */
  public static double sigma(float[] references, int count, int dimensions) {
    if (count < 1 || dimensions < 1 || references.length != (long) count * dimensions) {
      throw new IllegalArgumentException(
          "%d numbers are no batch of %d samples with %d dimensions"
              .formatted(references.length, count, dimensions));
    }
    double deviations = 0;
    for (int j = 0; j < dimensions; j++) {
      deviations += Math.max(LEAST_DEVIATION, deviation(references, count, dimensions, j));
    }
    double h = StrictMath.pow(count, -1.0 / (dimensions + 4)) * deviations / dimensions;
    return 2 * h * h;
  }

  private static double deviation(float[] samples, int count, int dimensions, int dimension) {
    double mean = 0;
    for (int i = 0; i < count; i++) {
      mean += samples[i * dimensions + dimension];
    }
    mean /= count;
    double squares = 0;
    for (int i = 0; i < count; i++) {
      double difference = samples[i * dimensions + dimension] - mean;
      squares += difference * difference;
    }
    return Math.sqrt(squares / count);
  }
}
