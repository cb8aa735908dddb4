// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.evaluation;

import org.favstream.protocol.Noise;
import org.favstream.reward.model.RewardModel;
import org.favstream.sampler.context.ContextRows;
import org.favstream.sampler.context.ContextSource;
import org.favstream.sampler.generator.LoadedGenerator;
import org.favstream.sampler.noise.NoiseSource;

/**
 * Particles of always the same noise and contexts, each in a context of its own, so that two
 * readings differ by the weights alone.
 */
final class SameDraw {
  private final int particles;
  private final Noise draw;
  private final ContextSource.Contexts contexts;
  private final float[] contextRows;

  /**
   * A draw.
   *
   * @param what it is for: others of the same seed are other draws
   */
  SameDraw(String what, ContextSource source, int particles, long seed) {
    this.particles = particles;
    this.draw = new Noise(NoiseSource.key(seed, what, 0), 0);
    this.contexts =
        source.draw(new Noise(NoiseSource.key(seed, what + "/contexts", 0), 0), particles);
    this.contextRows = ContextRows.repeat(contexts.values(), source.contextSize(), 1);
  }

  /** What the contexts bring, {@code (particles, references, d)}. */
  float[] references() {
    return contexts.references();
  }

  /** What a generator makes of it, to be scored. */
  RewardModel.Block by(LoadedGenerator generator) {
    float[] noise = NoiseSource.normals(draw, particles * generator.generator().noiseSize());
    float[] samples = generator.sample(noise, contextRows);
    int d = generator.generator().sampleSize();
    // As contexts with one particle each, or as many particles without any.
    float[] values = contexts.values();
    return values.length == 0
        ? new RewardModel.Block(1, particles, d, samples, values, draw)
        : new RewardModel.Block(particles, 1, d, samples, values, draw);
  }
}
