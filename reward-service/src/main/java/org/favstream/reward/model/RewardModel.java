// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import java.util.Optional;
import org.favstream.protocol.Finite;
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
  record Rewards(float[] values, float[] gradients) {

    /** What is wrong with them as those of a block: how many there are, or a number in them. */
    public Optional<String> faultFor(Block block) {
      return misfitTo(block)
          .or(() -> notFinite("reward", values, 1))
          .or(() -> notFinite("gradient", gradients, block.d()));
    }

    /** Where there are not as many as a block needs: how many there are. */
    public Optional<String> misfitTo(Block block) {
      int numbers = block.rows() * block.d();
      if (values.length == block.rows() && gradients.length == numbers) {
        return Optional.empty();
      }
      return Optional.of(
          "it gave %d rewards and %d gradient numbers, expected %d and %d"
              .formatted(values.length, gradients.length, block.rows(), numbers));
    }

    /**
     * These, where they can be used.
     *
     * @param block what was scored
     * @throws RewardModelException where something is wrong with them
     */
    public Rewards requireUsable(Block block) {
      faultFor(block)
          .ifPresent(
              fault -> {
                throw new RewardModelException(fault);
              });
      return this;
    }

    private static Optional<String> notFinite(String what, float[] numbers, int perParticle) {
      if (Finite.all(numbers)) {
        return Optional.empty();
      }
      for (int i = 0; i < numbers.length; i++) {
        if (!Float.isFinite(numbers[i])) {
          return Optional.of(
              "the %s of particle %d is %s".formatted(what, i / perParticle, numbers[i]));
        }
      }
      return Optional.empty();
    }
  }

  /**
   * Rewards and gradients. Numbers that are not finite are the caller's to refuse.
   *
   * @throws RuntimeException where the model cannot score the block; the message says why
   */
  Rewards evaluate(Block block);

  @Override
  default void close() {}
}
