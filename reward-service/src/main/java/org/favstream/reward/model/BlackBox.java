// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

/**
 * A reward of which nothing is known but its values; float64, for differences are taken of them.
 */
@FunctionalInterface
public interface BlackBox {

  /**
   * The reward of one particle.
   *
   * @param particle {@code d} numbers; not to be kept
   * @param context its context's numbers; not to be kept
   */
  double value(double[] particle, float[] context);
}
