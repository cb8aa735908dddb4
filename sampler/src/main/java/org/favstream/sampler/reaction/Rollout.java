// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.reaction;

/**
 * What became of one control.
 *
 * @param cost the cost {@code J}; lower is better, and never a NaN
 * @param diverged whether the integration was given up; the cost is then {@link #DIVERGED_COST}
 */
public record Rollout(double cost, boolean diverged) {
  /**
   * The cost of a rollout that was given up: above that of any which ends, where states begin in
   * [0, 1] and controls keep to their limit.
   */
  public static final double DIVERGED_COST = 100;

  static final Rollout DIVERGED = new Rollout(DIVERGED_COST, true);
}
