// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.node;

import com.typesafe.config.Config;
import org.favstream.actors.config.JobConfig;
import org.favstream.sampler.fleet.EpisodeSettings;
import org.favstream.sampler.fleet.EpisodeSettings.OnMissedDeadline;

/**
 * A job's fleet; section {@code fleet}.
 *
 * @param workers a node, each with an environment of its own
 * @param episodes how they are run
 * @param beginAtStep learner steps that must be behind the weights of a policy that acts
 * @param device where policies compute
 */
public record FleetSettings(
    int workers, EpisodeSettings episodes, long beginAtStep, String device) {
  public FleetSettings {
    if (workers < 1 || workers > 256 || beginAtStep < 0) {
      throw new IllegalArgumentException(
          "fleet: workers %d must be 1 to 256, begin-at-step %d not below 0"
              .formatted(workers, beginAtStep));
    }
  }

  /** Reads section {@code fleet} of a job. */
  public static FleetSettings of(Config job) {
    Config section = job.getConfig("fleet");
    return new FleetSettings(
        section.getInt("workers"),
        new EpisodeSettings(
            section.getInt("segment"),
            section.getDuration("control-period"),
            JobConfig.choice(section, "on-missed-deadline", OnMissedDeadline.class)),
        section.getLong("begin-at-step"),
        section.getString("device"));
  }
}
