// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.regression;

import java.util.Arrays;
import java.util.Objects;
import org.favstream.protocol.Noise;
import org.favstream.sampler.generator.LoadedGenerator;
import org.favstream.sampler.noise.NoiseSource;

/**
 * Samples of the frozen reference generator, for jobs whose contexts bring none of their own. It
 * fills up while it is used: draw {@code k} sees the first {@code k + 1} blocks, until all are
 * there. So what a draw gives depends on its number alone, also after a restart.
 *
 * <p>Of independent noise a draw takes rows from all over the pool. Of quasi-random noise it takes
 * one block as it is, for the samples of a block are even together.
 */
public final class ReferencePool implements AutoCloseable {
  private final LoadedGenerator reference;
  private final long key;
  private final Noise.Kind kind;
  private final float[] samples;
  private final int size;
  private final int block;
  private final int d;
  private int filled;

  /**
   * An empty pool.
   *
   * @param reference the frozen generator; closed with the pool
   * @param noise how the samples of a block go together
   * @param seed of all draws
   * @param size samples in the full pool; of quasi-random noise whole blocks of them count
   * @param block samples that a draw adds, at most
   */
  public ReferencePool(
      LoadedGenerator reference, Noise.Kind noise, long seed, int size, int block) {
    requireBlock(noise, size, block);
    this.kind = noise;
    this.reference = reference;
    this.key = NoiseSource.key(seed, "reference-pool", 0);
    this.d = reference.generator().sampleSize();
    this.size = size;
    this.block = block;
    this.samples = new float[Math.multiplyExact(size, d)];
  }

  /**
   * Returns where a pool can be of these sizes: of quasi-random noise it has a whole block at
   * least.
   *
   * @param size samples in the full pool
   * @param block samples that a draw adds, and takes
   */
  public static void requireBlock(Noise.Kind noise, int size, int block) {
    if (noise == Noise.Kind.QUASI_RANDOM && size < block) {
      throw new IllegalArgumentException(
          "reference.pool: got %d, expected at least reference.per-step, %d, where generator.noise is quasi-random"
              .formatted(size, block));
    }
  }

  /**
   * References.
   *
   * @param draw the draw's number, from 0
   * @param count how many; of quasi-random noise at most a block
   * @return {@code (count, d)}, row-major, drawn with replacement
   */
  public float[] draw(long draw, int count) {
    if (kind == Noise.Kind.QUASI_RANDOM) {
      return stretch(draw, count);
    }
    int visible = (int) Math.min(size, Math.multiplyExact(draw + 1, (long) block));
    fillUpTo(visible);
    int[] rows = NoiseSource.integers(new Noise(key, draw), count, visible);
    float[] drawn = new float[count * d];
    for (int i = 0; i < count; i++) {
      System.arraycopy(samples, rows[i] * d, drawn, i * d, d);
    }
    return drawn;
  }

  private float[] stretch(long draw, int count) {
    Objects.checkFromToIndex(0, count, block);
    int visible = (int) Math.min(size / block, draw + 1);
    fillUpTo(visible * block);
    int first = NoiseSource.integers(new Noise(key, draw), 1, visible)[0] * block;
    return Arrays.copyOfRange(samples, first * d, (first + count) * d);
  }

  private void fillUpTo(int visible) {
    while (filled < visible) {
      int count = Math.min(block, size - filled);
      Noise noise = new Noise(key, filled / block, kind);
      float[] made =
          reference.sample(
              NoiseSource.normals(noise, count, reference.generator().noiseSize()), new float[0]);
      System.arraycopy(made, 0, samples, filled * d, made.length);
      filled += count;
    }
  }

  @Override
  public void close() {
    reference.close();
  }
}
