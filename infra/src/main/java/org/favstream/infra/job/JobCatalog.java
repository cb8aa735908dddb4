// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.job;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.favstream.actors.config.ConfigurationException;
import org.favstream.actors.config.JobConfig;

/** The jobs that come with favstream, and those in files. */
public final class JobCatalog {
  private static final List<String> SHIPPED =
      List.of("arm-tracking", "mujoco-reacher", "reaction-control", "eight-gaussians");

  private JobCatalog() {}

  /** Names of the jobs that come with favstream. */
  public static List<String> shipped() {
    return SHIPPED;
  }

  /**
   * A job.
   *
   * @param name of a shipped one, or the path of a {@code .conf} file
   * @param overrides {@code key=value} pairs
   * @throws ConfigurationException where there is no such job, or it cannot be used
   */
  public static Job load(String name, List<String> overrides) {
    return Job.of(config(name, overrides));
  }

  /**
   * A job's configuration, whose keys are known, but whose values nobody has read yet.
   *
   * @param name of a shipped one, or the path of a {@code .conf} file
   * @param overrides {@code key=value} pairs
   * @throws ConfigurationException where there is no such job
   */
  public static JobConfig config(String name, List<String> overrides) {
    return JobConfig.complete(parse(name), overrides);
  }

  private static Config parse(String name) {
    try {
      if (SHIPPED.contains(name)) {
        return ConfigFactory.parseResources(
            JobCatalog.class.getClassLoader(), "jobs/" + name + ".conf");
      }
      Path file = Path.of(name);
      if (Files.isRegularFile(file)) {
        return ConfigFactory.parseFile(file.toFile());
      }
    } catch (ConfigException e) {
      throw new ConfigurationException("job " + name + ": " + e.getMessage(), e);
    }
    throw new ConfigurationException(
        "unknown job '%s': neither a job that comes with favstream (%s) nor a file"
            .formatted(name, String.join(", ", SHIPPED)));
  }
}
