// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.arm;

import static org.favstream.sampler.arm.ArmSystem.CONTROL_SECONDS;
import static org.favstream.sampler.arm.ArmSystem.EPISODE_STEPS;

import org.favstream.sampler.noise.SplitMix;

/**
 * Targets to train on, by seed: each on its own, the same on every JVM.
 *
 * <p>The joints at first are uniform; the path begins where they put the end effector. Three of
 * four paths are cubic in time, through the end effector's places at three other uniform draws of
 * the joints, at equal intervals; they are drawn again until they stay within what the arm can
 * reach, give or take a tenth of its reach, and below 10 m/s. They set out at 6 m/s or so, with the
 * arm at rest. One of four is the way of the end effector when all links go from the first joints
 * to other ones: off quickly (a rate of 15 to 60 a second), and slowing (1.5 to 4 a second).
 *
 * <p>So they resemble the competition's targets, whose speed and extent were looked at to choose
 * these figures; no curve of theirs is used.
 */
final class ArmTargets {
  private static final double CUBIC_SHARE = 0.75;
  private static final double SLACK = 0.1;

  /** In m/s. */
  private static final double FASTEST = 10;

  private ArmTargets() {}

  /** The target of a seed. */
  static ArmTarget draw(ArmSystem system, long seed) {
    SplitMix random = new SplitMix(seed, 0);
    double[] angles = pose(system, random);
    double[] path = new double[2 * (EPISODE_STEPS + 1)];
    if (random.uniform() < CUBIC_SHARE) {
      do {
        writeCubic(system, angles, random, path);
      } while (!reachable(system, path) || fastest(path) > FASTEST);
    } else {
      writeApproach(system, angles, random, path);
    }
    return new ArmTarget(angles, path);
  }

  private static double[] pose(ArmSystem system, SplitMix random) {
    double[] angles = new double[system.links()];
    for (int i = 0; i < angles.length; i++) {
      angles[i] = Math.PI * (2 * random.uniform() - 1);
    }
    return angles;
  }

  private static void writeEnd(ArmSystem system, double[] angles, double[] out, int at) {
    double x = 0;
    double y = 0;
    for (int i = 0; i < angles.length; i++) {
      x += system.length(i) * StrictMath.cos(angles[i]);
      y += system.length(i) * StrictMath.sin(angles[i]);
    }
    out[at] = x;
    out[at + 1] = y;
  }

  private static void writeCubic(
      ArmSystem system, double[] angles, SplitMix random, double[] path) {
    double[] knots = new double[8];
    writeEnd(system, angles, knots, 0);
    for (int k = 1; k < 4; k++) {
      writeEnd(system, pose(system, random), knots, 2 * k);
    }
    for (int t = 0; t <= EPISODE_STEPS; t++) {
      double s = 3.0 * t / EPISODE_STEPS; // the knots are at 0, 1, 2, 3: Lagrange's polynomials
      double b0 = (1 - s) * (2 - s) * (3 - s) / 6;
      double b1 = s * (2 - s) * (3 - s) / 2;
      double b2 = s * (s - 1) * (3 - s) / 2;
      double b3 = s * (s - 1) * (s - 2) / 6;
      for (int axis = 0; axis < 2; axis++) {
        path[2 * t + axis] =
            b0 * knots[axis] + b1 * knots[2 + axis] + b2 * knots[4 + axis] + b3 * knots[6 + axis];
      }
    }
  }

  private static boolean reachable(ArmSystem system, double[] path) {
    double slack = SLACK * system.reach();
    for (int at = 0; at < path.length; at += 2) {
      double radius = Math.sqrt(path[at] * path[at] + path[at + 1] * path[at + 1]);
      if (radius > system.reach() + slack || radius < system.hole() - slack) {
        return false;
      }
    }
    return true;
  }

  /** Speed on a path, at most, in m/s. */
  private static double fastest(double[] path) {
    double square = 0;
    for (int at = 2; at < path.length; at += 2) {
      double x = path[at] - path[at - 2];
      double y = path[at + 1] - path[at - 1];
      square = Math.max(square, x * x + y * y);
    }
    return Math.sqrt(square) / CONTROL_SECONDS;
  }

  private static void writeApproach(
      ArmSystem system, double[] angles, SplitMix random, double[] path) {
    double[] end = pose(system, random);
    double fast = 15 + 45 * random.uniform();
    double slow = 1.5 + 2.5 * random.uniform();
    double[] now = new double[angles.length];
    for (int t = 0; t <= EPISODE_STEPS; t++) {
      double seconds = CONTROL_SECONDS * t;
      double left =
          (fast * StrictMath.exp(-slow * seconds) - slow * StrictMath.exp(-fast * seconds))
              / (fast - slow);
      for (int i = 0; i < now.length; i++) {
        double shortWay = Math.IEEEremainder(angles[i] - end[i], 2 * Math.PI);
        now[i] = angles[i] - shortWay * (1 - left);
      }
      writeEnd(system, now, path, 2 * t);
    }
  }
}
