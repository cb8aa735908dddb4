// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.dataset;

import org.favstream.protocol.Noise;
import org.favstream.sampler.noise.NoiseSource;

/**
 * The toy of FAV (arXiv 2605.26552, section on toy experiments): eight Gaussians on a circle of
 * radius 4 with standard deviation 0.5, all divided by √2.
 */
public final class EightGaussians implements Dataset {
  /** How many modes there are. */
  public static final int MODES = 8;

  /** Standard deviation of a mode in each dimension. */
  public static final double STANDARD_DEVIATION = 0.5 / Math.sqrt(2);

  private static final double RADIUS = 4 / Math.sqrt(2);
  private static final int FIRST_DEGREES = 90;

  /** The centre of a mode, {@code (x, y)}; mode 0 is at 90°, the next ones at steps of 45°. */
  public static double[] centre(int mode) {
    double angle = StrictMath.toRadians((FIRST_DEGREES + 45.0 * mode) % 360);
    return new double[] {RADIUS * StrictMath.cos(angle), RADIUS * StrictMath.sin(angle)};
  }

  @Override
  public int sampleSize() {
    return 2;
  }

  @Override
  public int contextSize() {
    return 0;
  }

  @Override
  public Batch draw(Noise draw, int size) {
    float[] samples = NoiseSource.normals(draw, 2 * size);
    int[] modes = NoiseSource.integers(draw, size, MODES);
    double[][] centres = new double[MODES][];
    for (int mode = 0; mode < MODES; mode++) {
      centres[mode] = centre(mode);
    }
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (float) (centres[modes[i / 2]][i % 2] + STANDARD_DEVIATION * samples[i]);
    }
    return new Batch(samples, new float[0]);
  }
}
