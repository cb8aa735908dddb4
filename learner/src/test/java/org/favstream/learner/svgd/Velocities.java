// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.svgd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;

/** Blocks to test with, and their velocities. */
final class Velocities {
  private Velocities() {}

  static float[] of(VelocitySettings settings, ParticleBlock block) {
    float[] velocities = new float[block.rows() * block.dimensions()];
    new SteinVelocity().compute(settings, block, velocities);
    return velocities;
  }

  /** Particles, references and gradients from the standard normal. */
  static ParticleBlock block(Random random, int contexts, int n, int m, int d) {
    return new ParticleBlock(
        contexts,
        n,
        m,
        d,
        normal(random, contexts * n * d, 1, 0),
        normal(random, contexts * m * d, 1, 0),
        normal(random, contexts * n * d, 1, 0));
  }

  static float[] normal(Random random, int count, double deviation, double mean) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) (mean + deviation * random.nextGaussian());
    }
    return numbers;
  }

  /** That each number differs by at most {@code tolerance · max(1, |expected|)}. */
  static void assertClose(float[] actual, double[] expected, double tolerance) {
    assertThat(actual).hasSameSizeAs(expected);
    double worst = 0;
    int at = 0;
    for (int i = 0; i < actual.length; i++) {
      double error = Math.abs(actual[i] - expected[i]) / Math.max(1, Math.abs(expected[i]));
      if (!(error <= worst)) {
        worst = error;
        at = i;
      }
    }
    assertThat(worst)
        .describedAs("error at %d: %s, expected %s", at, actual[at], expected[at])
        .isLessThanOrEqualTo(tolerance);
  }
}
