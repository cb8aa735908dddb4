// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.job;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.favstream.actors.config.ConfigurationException;
import org.favstream.actors.runtime.Faults;
import org.favstream.infra.environment.EnvironmentCatalog;
import org.favstream.infra.environment.NodeEnvironments;
import org.favstream.sampler.arm.ArmDataset;
import org.favstream.sampler.arm.ArmEnvironment;
import org.favstream.sampler.arm.ArmSettings;
import org.favstream.sampler.environment.Environment;
import org.favstream.sampler.environment.EnvironmentException;
import org.favstream.sampler.environment.EnvironmentSource;
import org.favstream.sampler.environment.TransitionFile;
import org.favstream.sampler.environment.TransitionSet;
import org.favstream.sampler.environment.Wandering;
import org.favstream.sampler.environment.remote.RemoteEnvironment;
import org.favstream.sampler.environment.remote.SpawnedEnvironment;
import org.favstream.sampler.generator.GeneratorSettings;

/** What a policy's job has beside the parts of others: an environment, and what was done in it. */
public final class PolicyParts {
  private static final String ARM = "arm";

  private PolicyParts() {}

  /** Where environments come from. */
  static EnvironmentSource environment(Config job) {
    Config section = job.getConfig("environment");
    String kind = section.getString("kind");
    int copies = section.getInt("copies");
    if (kind.equals(ARM)) {
      ArmSettings arm = ArmSettings.of(job);
      return () -> new ArmEnvironment(arm.system(), copies, arm.substeps());
    }
    if (!kind.equals("shipped") && !kind.equals("remote")) {
      throw new ConfigException.BadValue(
          section.getValue("kind").origin(),
          "environment.kind",
          "got '%s', expected one of arm, shipped, remote".formatted(kind));
    }
    RemoteEnvironment.Settings remote =
        new RemoteEnvironment.Settings(
            section.getDuration("start-deadline"),
            section.getDuration("deadline"),
            Optional.of(expected(job)));
    if (kind.equals("remote")) {
      String address = section.getString("address");
      return () -> RemoteEnvironment.connect(address, remote);
    }
    String name = section.getString("system");
    Path log =
        section.getString("log").isEmpty()
            ? Path.of(System.getProperty("java.io.tmpdir"), "favstream-" + name + ".log")
            : Path.of(section.getString("log"));
    return () -> shipped(name, copies, log, remote);
  }

  private static Environment shipped(
      String name, int copies, Path log, RemoteEnvironment.Settings settings)
      throws EnvironmentException {
    Optional<EnvironmentSource> here = EnvironmentCatalog.source(name, copies);
    if (here.isPresent()) {
      return here.get().open();
    }
    NodeEnvironments inNode = NodeEnvironments.ofDistribution();
    if (!inNode.names().contains(name)) {
      throw new EnvironmentException(
          "environment.system: there is no environment '%s'; there are %s and %s"
              .formatted(name, EnvironmentCatalog.names(), inNode.names()));
    }
    return SpawnedEnvironment.start(inNode.command(name, 0, copies), log, settings);
  }

  private static Environment.Spec expected(Config job) {
    return new Environment.Spec(
        job.getString("environment.system"),
        job.getInt("generator.context-size"),
        job.getInt("generator.sample-size"),
        job.getInt("environment.copies"));
  }

  /**
   * Refuses a generator that does not fit the environment, and critics that do not fit the groups.
   * Sizes of an environment in another process are checked when it answers.
   */
  static boolean requireSound(Config job, GeneratorSettings generator, int contextsPerGroup) {
    environment(job);
    if (job.getString("environment.kind").equals(ARM)) {
      ArmSettings arm = ArmSettings.of(job);
      String name = arm.system().name();
      requireSame(
          job,
          "generator.context-size",
          ArmEnvironment.observationSize(arm.system()),
          "the observations of " + name);
      requireSame(job, "generator.sample-size", arm.system().controls(), "the actions of " + name);
    }
    requireSame(job, "context.references", 1, "the action that was taken in each state");
    requireSame(job, "critic.states", contextsPerGroup, "as many as sampler.contexts-per-group");
    if (generator.family() != GeneratorSettings.Family.POLICY) {
      throw new ConfigException.BadValue(
          job.getValue("generator.family").origin(),
          "generator.family",
          "got '%s', but critics are for a policy".formatted(job.getString("generator.family")));
    }
    return true;
  }

  private static void requireSame(Config job, String key, int expected, String why) {
    if (job.getInt(key) != expected) {
      throw new ConfigException.BadValue(
          job.getValue(key).origin(),
          key,
          "got %d, expected %d, %s".formatted(job.getInt(key), expected, why));
    }
  }

  /** What the replay buffer begins with: the file that is named, or made anew. */
  static TransitionSet offline(Config job) {
    String file = job.getString("critic.offline");
    try {
      return file.isEmpty() ? make(job, episodes -> {}) : TransitionFile.read(Path.of(file));
    } catch (EnvironmentException e) {
      throw new ConfigurationException(
          file.isEmpty() ? Faults.describe(e) : "critic.offline: " + Faults.describe(e), e);
    }
  }

  /**
   * Makes a job's offline data.
   *
   * @param progress is told how many episodes there are, after each
   * @throws EnvironmentException where the environment fails
   */
  public static TransitionSet make(Config job, IntConsumer progress) throws EnvironmentException {
    int episodes = job.getInt("dataset.episodes");
    long seed = job.getLong("run.seed");
    if (job.getString("environment.kind").equals(ARM)) {
      ArmSettings arm = ArmSettings.of(job);
      return ArmDataset.make(arm.system(), seed, episodes, arm.substeps(), progress);
    }
    return Wandering.make(environment(job), seed, episodes, progress);
  }

  /**
   * How that data is made, in a line.
   *
   * @throws RuntimeException where it cannot be made as it is asked for
   */
  public static String recipe(Config job) {
    environment(job);
    int episodes = job.getInt("dataset.episodes");
    if (episodes < 1) {
      throw new IllegalArgumentException("%d episodes, expected at least 1".formatted(episodes));
    }
    return job.getString("environment.kind").equals(ARM) ? ArmDataset.RECIPE : Wandering.RECIPE;
  }
}
