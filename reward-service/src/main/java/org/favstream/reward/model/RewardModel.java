// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import org.favstream.protocol.Noise;
import org.favstream.sampler.context.ContextRows;

/** Scores whole groups. Confined to one thread at a time. */
public interface RewardModel extends AutoCloseable {

  /**
   * What is to be scored.
   *
   * @param contexts how many contexts
   * @param particles how many particles a context
   * @param d numbers a particle
   * @param values {@code (contexts, particles, d)}, row-major
   * @param contextValues {@code (contexts, context size)}, row-major; empty without contexts
   * @param draw what the particles were made of; a model makes a key of its own from it, so that
   *     scoring again gives the same
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never shared
  record Block(
      int contexts, int particles, int d, float[] values, float[] contextValues, Noise draw) {

    /** How many particles there are in all contexts together. */
    public int rows() {
      return contexts * particles;
    }

    /** How many numbers a context has. */
    public int contextSize() {
      return contextValues.length / contexts;
    }

    /** Each particle's context: {@code (contexts · particles, context size)}, row-major. */
    public float[] contextRows() {
      return ContextRows.repeat(contextValues, contextSize(), particles);
    }
  }

  /**
   * The scores of a block.
   *
   * @param values {@code (contexts, particles)}
   * @param gradients {@code (contexts, particles, d)}
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never shared
  record Rewards(float[] values, float[] gradients) {}

  /**
   * Rewards and gradients. Numbers that are not finite are the caller's to refuse.
   *
   * @throws RuntimeException where the model cannot score the block; the message says why
   */
  Rewards evaluate(Block block);

  @Override
  default void close() {}
}
