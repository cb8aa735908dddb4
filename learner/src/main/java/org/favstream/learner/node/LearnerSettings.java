// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.favstream.actors.config.JobConfig;
import org.favstream.actors.engine.Adam;
import org.favstream.actors.weights.CheckpointStore;
import org.favstream.learner.intake.Flow;
import org.favstream.learner.regression.LearningRate;
import org.favstream.learner.regression.ReferencePool;
import org.favstream.learner.regression.RegressionSettings;
import org.favstream.learner.regression.Tempering;
import org.favstream.learner.svgd.FloorMode;
import org.favstream.learner.svgd.VelocitySettings;
import org.favstream.protocol.Noise;

/**
 * A job's learner; sections {@code learner} and {@code reference}, and {@code generator.noise}.
 *
 * @param flow its rhythm
 * @param regression its step
 * @param referencePool size of the pool of reference samples
 * @param referencesPerStep references a group, drawn from the pool
 * @param noise how the noise of the pool's samples goes together
 * @param checkpoints where its state is kept
 * @param maxSteps after how many steps it ends; empty for never
 * @param device where it computes
 */
public record LearnerSettings(
    Flow.Settings flow,
    RegressionSettings regression,
    int referencePool,
    int referencesPerStep,
    Noise.Kind noise,
    CheckpointStore checkpoints,
    OptionalLong maxSteps,
    String device) {

  public LearnerSettings {
    if (referencePool > 0) {
      ReferencePool.requireBlock(noise, referencePool, referencesPerStep);
    }
  }

  /**
   * Reads the sections of a job.
   *
   * @param checkpoints folder of the checkpoints
   */
  public static LearnerSettings of(Config job, Path checkpoints) {
    Config learner = job.getConfig("learner");
    long steps = learner.getLong("steps");
    return new LearnerSettings(
        Flow.Settings.of(job),
        regression(learner),
        job.getInt("reference.pool"),
        job.getInt("reference.per-step"),
        JobConfig.choice(job.getConfig("generator"), "noise", Noise.Kind.class),
        new CheckpointStore(checkpoints, learner.getInt("checkpoints-kept")),
        steps == 0 ? OptionalLong.empty() : OptionalLong.of(steps),
        learner.getString("device"));
  }

  private static RegressionSettings regression(Config learner) {
    Config rate = learner.getConfig("learning-rate");
    return new RegressionSettings(
        new VelocitySettings(
            learner.getDouble("beta"),
            learner.getDoubleList("kde-bandwidths"),
            learner.getDoubleList("stein-bandwidths"),
            JobConfig.choice(learner, "floor-mode", FloorMode.class),
            learner.getDouble("repulsion"),
            learner.getDouble("density-exponent"),
            learner.getBoolean("own-term")),
        new Tempering(learner.getLong("tempering.steps"), learner.getDouble("tempering.from")),
        scott(learner),
        JobConfig.choice(learner, "anchor", RegressionSettings.Anchor.class),
        learner.getDouble("trust-radius"),
        learner.getDouble("max-velocity"),
        new LearningRate(
            rate.getDouble("base"), rate.getLong("decay-steps"), rate.getDouble("floor")),
        Adam.Settings.adam(learner.getDouble("clip-norm")));
  }

  private static boolean scott(Config learner) {
    return switch (learner.getString("bandwidth")) {
      case "fixed" -> false;
      case "scott" -> true;
      default ->
          throw new ConfigException.BadValue(
              learner.getValue("bandwidth").origin(),
              "bandwidth",
              "got '%s', expected fixed or scott".formatted(learner.getString("bandwidth")));
    };
  }
}
