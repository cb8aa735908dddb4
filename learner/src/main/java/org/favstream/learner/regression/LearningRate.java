// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.regression;

/**
 * How large a step is: constant, or falling along half a cosine.
 *
 * @param base of the first step
 * @param decaySteps over how many steps it falls; 0 keeps it constant
 * @param floor what it falls to, as a share of {@code base}
 */
public record LearningRate(double base, long decaySteps, double floor) {
  public LearningRate {
    if (!(base > 0) || decaySteps < 0 || !(floor >= 0 && floor <= 1)) {
      throw new IllegalArgumentException(
          "learner.learning-rate: base %s must be above 0, decay-steps %d at least 0, floor %s in [0, 1]"
              .formatted(base, decaySteps, floor));
    }
  }

  /**
   * The rate of a step.
   *
   * @param step how many steps went before
   */
  public double at(long step) {
    if (decaySteps == 0) {
      return base;
    }
    double progress = Math.min(1.0, (double) step / decaySteps);
    return base * (floor + (1 - floor) * 0.5 * (1 + StrictMath.cos(Math.PI * progress)));
  }
}
