// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.arm;

import static org.favstream.sampler.arm.ArmSystem.EPISODE_STEPS;

/**
 * What an arm is to do in an episode: follow a path, from rest.
 *
 * @param angles {@code (links)}: where the links are at first, absolute, in rad
 * @param path {@code (EPISODE_STEPS + 1, 2)}, row-major: where the end effector is to be, in m, at
 *     first and after each control step
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never written to
public record ArmTarget(double[] angles, double[] path) {
  public ArmTarget {
    if (path.length != 2 * (EPISODE_STEPS + 1)) {
      throw new IllegalArgumentException(
          "a path of %d numbers: expected x and y at %d times"
              .formatted(path.length, EPISODE_STEPS + 1));
    }
  }
}
