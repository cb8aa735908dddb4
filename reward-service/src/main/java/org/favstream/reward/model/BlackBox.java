// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

/**
 * A reward of which nothing is known but its values; float64, for differences are taken of them.
 */
@FunctionalInterface
public interface BlackBox extends AutoCloseable {

  /**
   * The rewards of particles.
   *
   * @param rows how many
   * @param particles {@code (rows, d)}, row-major; not to be kept
   * @param contexts {@code (rows, context size)}, row-major: each particle's own
   * @return {@code (rows)}
   */
  double[] values(int rows, double[] particles, float[] contexts);

  /** Lets go of what the box holds. */
  @Override
  default void close() {}
}
