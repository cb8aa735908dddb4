// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import ai.djl.Device;
import com.typesafe.config.Config;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.favstream.actors.config.JobConfig;
import org.favstream.actors.weights.CheckpointStore;
import org.favstream.reward.critic.CriticSession;
import org.favstream.reward.critic.CriticSettings;
import org.favstream.sampler.environment.TransitionSet;
import org.favstream.sampler.generator.Generator;

/**
 * What makes a critic's trainer.
 *
 * @param session how it learns
 * @param offline what the replay buffer begins with
 * @param policy whose actions the target takes
 * @param groupsPerStep of the learner
 * @param underWay how many batches of states may be ahead of the learner
 * @param settings how often it publishes and keeps its state
 * @param checkpoints where its state is kept
 * @param seed the run's
 */
public record CriticJob(
    CriticSession.Settings session,
    TransitionSet offline,
    Generator policy,
    int groupsPerStep,
    long underWay,
    Settings settings,
    CheckpointStore checkpoints,
    long seed,
    Device device) {

  /**
   * The trainer's rhythm.
   *
   * @param publishEvery updates a version
   * @param checkpointEvery versions a checkpoint
   * @param patience after how long without a learner step states count as lost
   */
  public record Settings(int publishEvery, int checkpointEvery, Duration patience) {
    public Settings {
      if (publishEvery < 1 || checkpointEvery < 1) {
        throw new IllegalArgumentException(
            "critic: publish-every %d and checkpoint-every %d must be at least 1"
                .formatted(publishEvery, checkpointEvery));
      }
    }

    /** Reads section {@code critic} of a job. */
    public static Settings of(Config job) {
      Config section = job.getConfig("critic");
      return new Settings(
          section.getInt("publish-every"),
          section.getInt("checkpoint-every"),
          section.getDuration("patience"));
    }
  }

  /** How a session learns, from section {@code critic} of a job. */
  public static CriticSession.Settings session(Config job) {
    Config section = job.getConfig("critic");
    Map<String, Double> weights = new HashMap<>();
    section
        .getConfig("source-weights")
        .entrySet()
        .forEach(
            entry ->
                weights.put(
                    entry.getKey().replace("\"", ""),
                    section.getConfig("source-weights").getDouble(entry.getKey())));
    return new CriticSession.Settings(
        new CriticSettings(
            section.getDouble("discount"),
            section.getDouble("reward-scale"),
            section.getDouble("target-rate"),
            JobConfig.choice(section, "aggregation", CriticSettings.Aggregation.class),
            section.getDouble("learning-rate")),
        section.getIntList("hidden"),
        section.getInt("batch"),
        section.getInt("states"),
        section.getInt("replay-capacity"),
        weights);
  }

  /** Where a run keeps the critics' checkpoints. */
  public static CheckpointStore checkpoints(Path folder) {
    return new CheckpointStore(folder, 2);
  }
}
