// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.regression;

import org.favstream.actors.engine.Adam;
import org.favstream.learner.svgd.VelocitySettings;

/**
 * The learner step of a job; section {@code learner}.
 *
 * @param velocity of the particles
 * @param tempering how β rises to its full value
 * @param scott whether the bandwidth comes by Scott's rule from each batch's references
 * @param anchor where the velocity is taken
 * @param trustRadius how far a particle may have moved until its logged gradient counts half; 0
 *     trusts it at any distance
 * @param maxVelocity longest velocity of a particle (Euclidean norm); a longer one keeps its
 *     direction; 0 bounds none
 * @param learningRate of the optimiser
 * @param optimiser the rest of it
 */
public record RegressionSettings(
    VelocitySettings velocity,
    Tempering tempering,
    boolean scott,
    Anchor anchor,
    double trustRadius,
    double maxVelocity,
    LearningRate learningRate,
    Adam.Settings optimiser) {

  public RegressionSettings {
    if (!(trustRadius >= 0) || !(maxVelocity >= 0)) {
      throw new IllegalArgumentException(
          "learner: trust-radius %s and max-velocity %s must be at least 0"
              .formatted(trustRadius, maxVelocity));
    }
  }

  /** Where the velocity of a logged particle is taken. */
  public enum Anchor {
    /** At {@code G(z, c; θ_now)}, from the logged noise; the logged gradient stands in. */
    REPLAY,
    /** At the logged particle; regress to {@code x_old + φ(x_old)}. For comparison. */
    LOGGED
  }
}
