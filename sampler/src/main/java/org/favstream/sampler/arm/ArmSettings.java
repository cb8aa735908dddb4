// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.arm;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;

/**
 * Which arm a job is about.
 *
 * @param system the arm
 * @param substeps Runge-Kutta steps a control step
 */
public record ArmSettings(ArmSystem system, int substeps) {
  public ArmSettings {
    ArmEnvironment.requireSubsteps(system, substeps);
  }

  /**
   * Reads the section {@code environment} of a job.
   *
   * @throws ConfigException where it is of another kind, or a value cannot be used
   */
  public static ArmSettings of(Config job) {
    Config section = job.getConfig("environment");
    if (!section.getString("kind").equals("arm")) {
      throw new ConfigException.BadValue(
          section.getValue("kind").origin(),
          "environment.kind",
          "got '%s', expected arm".formatted(section.getString("kind")));
    }
    return new ArmSettings(ArmSystem.of(section.getString("system")), section.getInt("substeps"));
  }
}
