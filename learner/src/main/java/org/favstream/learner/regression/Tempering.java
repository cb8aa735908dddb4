// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.regression;

/**
 * How β rises to its full value: by the same factor each step. Where the reward has many local
 * optima, particles that still spread like the prior find the better ones, and the nearer.
 *
 * @param steps over how many steps it rises; 0 begins at full β
 * @param from where it begins, as a share of β
 */
public record Tempering(long steps, double from) {
  /** Full β from the first step on. */
  public static final Tempering NONE = new Tempering(0, 1);

  public Tempering {
    if (steps < 0 || !(from > 0 && from <= 1)) {
      throw new IllegalArgumentException(
          "learner.tempering: steps %d must be at least 0, from %s in (0, 1]"
              .formatted(steps, from));
    }
  }

  /**
   * The share of β that counts in a step.
   *
   * @param step how many steps went before
   */
  public double at(long step) {
    return step >= steps ? 1 : StrictMath.pow(from, 1 - (double) step / steps);
  }
}
