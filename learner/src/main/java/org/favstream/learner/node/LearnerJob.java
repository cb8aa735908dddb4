// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.node;

import ai.djl.Device;
import java.util.Optional;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.learner.intake.Intake;
import org.favstream.learner.regression.ReferencePool;
import org.favstream.learner.regression.Training;
import org.favstream.protocol.RewardVersion;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.LoadedGenerator;

/**
 * What makes a learner.
 *
 * @param shape of the job's groups
 * @param reward the job's own: the active one until another is activated
 * @param initial the pre-trained weights: version 0, and the frozen reference
 * @param seed the run's
 * @param configSha256 digest of the job's configuration
 * @param device where it computes
 */
public record LearnerJob(
    LearnerSettings settings,
    Intake.Shape shape,
    Generator generator,
    RewardVersion reward,
    Weights initial,
    long seed,
    String configSha256,
    Device device) {

  /**
   * What takes the job's steps.
   *
   * @throws WeightsException where the start's weights are another generator's
   */
  Training training(Training.Start start) throws WeightsException {
    return new Training(generator, settings.regression(), drawn(), start, device);
  }

  private Optional<Training.Drawn> drawn() throws WeightsException {
    if (settings.referencePool() == 0) {
      return Optional.empty();
    }
    return Optional.of(
        new Training.Drawn(
            new ReferencePool(
                new LoadedGenerator(generator, initial, device),
                settings.noise(),
                seed,
                settings.referencePool(),
                settings.referencesPerStep()),
            settings.referencesPerStep()));
  }
}
