// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.job;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.nio.file.Path;
import org.favstream.actors.config.ConfigurationException;
import org.favstream.actors.runtime.Faults;
import org.favstream.sampler.arm.ArmDataset;
import org.favstream.sampler.arm.ArmEnvironment;
import org.favstream.sampler.arm.ArmSettings;
import org.favstream.sampler.environment.Environment;
import org.favstream.sampler.environment.EnvironmentException;
import org.favstream.sampler.environment.EnvironmentSource;
import org.favstream.sampler.environment.TransitionFile;
import org.favstream.sampler.environment.TransitionSet;
import org.favstream.sampler.generator.GeneratorSettings;

/** What a policy's job has beside the parts of others: an environment, and what was done in it. */
final class PolicyParts {
  private PolicyParts() {}

  /**
   * The environment of a fleet's worker.
   *
   * @param copies how many robots a worker has
   */
  static EnvironmentSource environment(Config job, int copies) {
    ArmSettings arm = ArmSettings.of(job);
    return () -> new ArmEnvironment(arm.system(), copies, arm.substeps());
  }

  /**
   * Refuses a generator that does not fit the environment, and critics that do not fit the groups.
   */
  static void requireSound(Config job, GeneratorSettings generator, int contextsPerGroup) {
    Environment.Spec spec;
    try (Environment one = environment(job, 1).open()) {
      spec = one.spec();
    } catch (EnvironmentException e) {
      throw new ConfigurationException(Faults.describe(e), e);
    }
    requireSame(
        job, "generator.context-size", spec.observationSize(), "observations of " + spec.name());
    requireSame(job, "generator.sample-size", spec.actionSize(), "actions of " + spec.name());
    requireSame(job, "context.references", 1, "one action that was taken in each state");
    requireSame(job, "critic.batch", contextsPerGroup, "sampler.contexts-per-group");
    if (generator.family() != GeneratorSettings.Family.POLICY) {
      throw new ConfigException.BadValue(
          job.getValue("generator.family").origin(),
          "generator.family",
          "got '%s', but states of the log are for a policy"
              .formatted(job.getString("generator.family")));
    }
  }

  private static void requireSame(Config job, String key, int expected, String why) {
    if (job.getInt(key) != expected) {
      throw new ConfigException.BadValue(
          job.getValue(key).origin(),
          key,
          "got %d, expected %d: %s".formatted(job.getInt(key), expected, why));
    }
  }

  /**
   * What the replay buffer begins with: the file that is named, or the environment's own recipe.
   */
  static TransitionSet offline(Config job) {
    String file = job.getString("critic.offline");
    if (!file.isEmpty()) {
      try {
        return TransitionFile.read(Path.of(file));
      } catch (EnvironmentException e) {
        throw new ConfigurationException("critic.offline: " + Faults.describe(e), e);
      }
    }
    ArmSettings arm = ArmSettings.of(job);
    return ArmDataset.make(
        arm.system(),
        job.getLong("run.seed"),
        job.getInt("dataset.episodes"),
        arm.substeps(),
        made -> {});
  }
}
