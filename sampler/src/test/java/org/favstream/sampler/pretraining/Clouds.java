// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.pretraining;

import org.favstream.protocol.Noise;
import org.favstream.sampler.dataset.Dataset;
import org.favstream.sampler.noise.NoiseSource;

/**
 * A round cloud in the plane, around {@code (1, -2)}; or one that a context, of one number from a
 * standard normal, moves along the first axis.
 */
final class Clouds implements Dataset {
  static final double DEVIATION = 0.5;
  static final double[] CENTRE = {1, -2};

  private final boolean conditional;

  Clouds(boolean conditional) {
    this.conditional = conditional;
  }

  @Override
  public int sampleSize() {
    return 2;
  }

  @Override
  public int contextSize() {
    return conditional ? 1 : 0;
  }

  @Override
  public Batch draw(Noise draw, int size) {
    float[] normals = NoiseSource.normals(draw, 3 * size);
    float[] samples = new float[2 * size];
    float[] contexts = new float[conditional ? size : 0];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (float) (CENTRE[i % 2] + DEVIATION * normals[i]);
    }
    for (int i = 0; i < contexts.length; i++) {
      contexts[i] = normals[2 * size + i];
      samples[2 * i] += contexts[i];
    }
    return new Batch(samples, contexts);
  }
}
