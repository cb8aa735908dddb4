// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.regression;

import org.favstream.protocol.Noise;
import org.favstream.sampler.generator.LoadedGenerator;
import org.favstream.sampler.noise.NoiseSource;

/**
 * Samples of the frozen reference generator, for jobs whose contexts bring none of their own. It
 * fills up while it is used: draw {@code k} sees the first {@code k + 1} blocks, until all are
 * there. So what a draw gives depends on its number alone, also after a restart.
 */
public final class ReferencePool implements AutoCloseable {
  private final LoadedGenerator reference;
  private final long key;
  private final float[] samples;
  private final int size;
  private final int block;
  private final int d;
  private int filled;

  /**
   * An empty pool.
   *
   * @param reference the frozen generator; closed with the pool
   * @param seed of all draws
   * @param size samples in the full pool
   * @param block samples that a draw adds, at most
   */
  public ReferencePool(LoadedGenerator reference, long seed, int size, int block) {
    this.reference = reference;
    this.key = NoiseSource.key(seed, "reference-pool", 0);
    this.d = reference.generator().sampleSize();
    this.size = size;
    this.block = block;
    this.samples = new float[Math.multiplyExact(size, d)];
  }

  /**
   * References.
   *
   * @param draw the draw's number, from 0
   * @param count how many
   * @return {@code (count, d)}, row-major, drawn with replacement
   */
  public float[] draw(long draw, int count) {
    int visible = (int) Math.min(size, Math.multiplyExact(draw + 1, (long) block));
    fillUpTo(visible);
    int[] rows = NoiseSource.integers(new Noise(key, draw), count, visible);
    float[] drawn = new float[count * d];
    for (int i = 0; i < count; i++) {
      System.arraycopy(samples, rows[i] * d, drawn, i * d, d);
    }
    return drawn;
  }

  private void fillUpTo(int visible) {
    while (filled < visible) {
      int count = Math.min(block, size - filled);
      Noise noise = new Noise(key, filled / block);
      float[] made =
          reference.sample(
              NoiseSource.normals(noise, count * reference.generator().noiseSize()), new float[0]);
      System.arraycopy(made, 0, samples, filled * d, made.length);
      filled += count;
    }
  }

  @Override
  public void close() {
    reference.close();
  }
}
