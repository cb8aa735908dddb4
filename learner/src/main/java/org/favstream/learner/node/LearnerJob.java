// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.node;

import ai.djl.Device;
import org.favstream.actors.weights.Weights;
import org.favstream.learner.intake.Intake;
import org.favstream.protocol.RewardVersion;
import org.favstream.sampler.generator.Generator;

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
    Device device) {}
