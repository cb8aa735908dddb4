// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.node;

import com.typesafe.config.Config;
import java.time.Duration;
import java.util.List;
import org.favstream.actors.config.JobConfig;
import org.favstream.sampler.fleet.EpisodeSettings;
import org.favstream.sampler.fleet.EpisodeSettings.OnMissedDeadline;

/**
 * A job's fleet; section {@code fleet}.
 *
 * @param workers a node, each with an environment of its own
 * @param episodes how they are run
 * @param controlPeriods of the workers, over and over, where they differ; empty where they do not
 * @param beginAtStep learner steps that must be behind the weights of a policy that acts
 * @param device where policies compute
 */
public record FleetSettings(
    int workers,
    EpisodeSettings episodes,
    List<Duration> controlPeriods,
    long beginAtStep,
    String device) {
  public FleetSettings {
    controlPeriods = List.copyOf(controlPeriods);
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
        section.getDurationList("control-periods"),
        section.getLong("begin-at-step"),
        section.getString("device"));
  }

  /** The same for one worker, with the control period that it has. */
  FleetSettings ofWorker(int worker) {
    if (controlPeriods.isEmpty()) {
      return this;
    }
    Duration period = controlPeriods.get(worker % controlPeriods.size());
    return new FleetSettings(
        workers,
        new EpisodeSettings(episodes.segmentSteps(), period, episodes.onMissedDeadline()),
        List.of(),
        beginAtStep,
        device);
  }
}
