package org.favstream.learner.regression;

import com.typesafe.config.Config;
import org.favstream.actors.config.JobConfig;
import org.favstream.actors.engine.Adam;
import org.favstream.learner.svgd.Bandwidth;
import org.favstream.learner.svgd.VelocitySettings;

/**
 * The learner step of a job; section {@code learner}.
 *
 * @param velocity of the particles
 * @param bandwidth how the kernels' bandwidths come about
 * @param anchor where the velocity is taken
 * @param trustRadius how far a particle may have moved until its logged gradient counts half; 0
 *     trusts it at any distance
 * @param learningRate of the optimiser
 * @param optimiser the rest of it
 */
public record RegressionSettings(
    VelocitySettings velocity,
    Bandwidth bandwidth,
    Anchor anchor,
    double trustRadius,
    LearningRate learningRate,
    Adam.Settings optimiser) {

  /** Where the velocity of a logged particle is taken. */
  public enum Anchor {
    /** At {@code G(z, c; θ_now)}, from the logged noise; the logged gradient stands in. */
    REPLAY,
    /** At the logged particle; regress to {@code x_old + φ(x_old)}. For comparison. */
    LOGGED
  }
}
