// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.arm;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One of the planar arms of the tracking task: links, and the interface {@code G} by which controls
 * become joint torques, {@code τ = clip(1000 · G u, ±10⁴)} N m. A name says both: {@code great} and
 * {@code rebel} arms (beetles) have two links, {@code talented} and {@code thoughtful} ones
 * (butterflies) three; the middle word names the interface.
 *
 * <p>The joints of two links are relative angles, the first from the horizontal; torques and
 * friction act between links. The joints of three links are absolute angles from the vertical,
 * clockwise; torques and friction act on those. Beyond this class all angles are absolute, from the
 * horizontal, counter-clockwise.
 */
public final class ArmSystem {
  /** Seconds that a control is held. */
  public static final double CONTROL_SECONDS = 0.01;

  /** Control steps an episode: 2 s. */
  public static final int EPISODE_STEPS = 200;

  private static final double TORQUE_PER_CONTROL = 1000;
  private static final double TORQUE_LIMIT = 1e4;

  /** Viscous friction of a joint, in N m s. */
  private static final double FRICTION = 2;

  private static final double[][] DEVIOUS = {{1, 0}, {0, 1}};
  private static final double[][] VIVACIOUS = {{.491, .372}, {-.460, 1.307}};
  private static final double[][] MAUVE = {{-.107, -.457, .403}, {.218, -.730, -.507}};
  private static final double[][] WINE = {{.089, -.871, -1.230, -.083}, {-.326, -.262, .054, .254}};
  private static final double[][] RUDDY = {{0, 1, 0}, {1, 0, 0}, {0, 0, 1}};
  private static final double[][] STEEL = {
    {-.021, -.491, -.754}, {.502, 1.183, .682}, {.421, .250, .428}
  };

  private static final List<ArmSystem> ALL =
      List.of(
          great("devious", .2, DEVIOUS),
          great("vivacious", .3, VIVACIOUS),
          great("mauve", .3, MAUVE),
          great("wine", .2, WINE),
          rebel("devious", .3, DEVIOUS),
          rebel("vivacious", .5, VIVACIOUS),
          rebel("mauve", .5, MAUVE),
          rebel("wine", .3, WINE),
          talented("ruddy", .2, RUDDY),
          talented("steel", .3, STEEL),
          thoughtful("ruddy", .2, RUDDY),
          thoughtful("steel", .5, STEEL));

  private final String name;
  private final double[] lengths;
  private final double[] masses;
  private final double[] inertias;
  private final double actionBound;
  private final double[][] mix;

  private ArmSystem(
      String name,
      double[] lengths,
      double[] masses,
      double[] inertias,
      double actionBound,
      double[][] mix) {
    this.name = name;
    this.lengths = lengths;
    this.masses = masses;
    this.inertias = inertias;
    this.actionBound = actionBound;
    this.mix = mix;
  }

  private static ArmSystem great(String mixName, double actionBound, double[][] mix) {
    return new ArmSystem(
        "great-" + mixName + "-beetle",
        new double[] {1.5, 1.5},
        new double[] {1.012, .928},
        new double[] {.862, 1.045},
        actionBound,
        mix);
  }

  private static ArmSystem rebel(String mixName, double actionBound, double[][] mix) {
    return new ArmSystem(
        "rebel-" + mixName + "-beetle",
        new double[] {2, 1},
        new double[] {1.041, 1.533},
        new double[] {.553, .907},
        actionBound,
        mix);
  }

  private static ArmSystem talented(String mixName, double actionBound, double[][] mix) {
    return new ArmSystem(
        "talented-" + mixName + "-butterfly",
        new double[] {1, 1, 1},
        new double[] {1.012, .928, 1.083},
        new double[] {.862, 1.045, .992},
        actionBound,
        mix);
  }

  private static ArmSystem thoughtful(String mixName, double actionBound, double[][] mix) {
    return new ArmSystem(
        "thoughtful-" + mixName + "-butterfly",
        new double[] {.5, .5, 2},
        new double[] {1.041, 1.533, .741},
        new double[] {.553, .907, 1.723},
        actionBound,
        mix);
  }

  /** All twelve. */
  public static List<ArmSystem> all() {
    return ALL;
  }

  /**
   * The system of a name.
   *
   * @throws IllegalArgumentException where there is none; the message names those there are
   */
  public static ArmSystem of(String name) {
    return ALL.stream()
        .filter(system -> system.name.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no arm '%s': expected one of %s"
                        .formatted(
                            name,
                            ALL.stream().map(ArmSystem::name).collect(Collectors.joining(", ")))));
  }

  /** Such as {@code great-devious-beetle}. */
  public String name() {
    return name;
  }

  /** Links, and as many joints: 2 or 3. */
  public int links() {
    return lengths.length;
  }

  /** Numbers in a control: 2 to 4. */
  public int controls() {
    return mix[0].length;
  }

  /**
   * The size of each control at an action of ±1. Chosen so that a controller which knows the
   * equations loses nothing by it; its actions are then about 0.3 in root mean square.
   */
  public double actionBound() {
    return actionBound;
  }

  /** Length of a link, in m; link 0 is the one at the base. */
  double length(int link) {
    return lengths[link];
  }

  /** The farthest that the end effector gets from the base, in m. */
  double reach() {
    return Arrays.stream(lengths).sum();
  }

  /** The nearest that the end effector gets to the base, in m. */
  double hole() {
    double longest = Arrays.stream(lengths).max().orElseThrow();
    return Math.max(0, 2 * longest - reach());
  }

  /** Its equations of motion, with scratch of their own. */
  ArmDynamics dynamics() {
    int n = links();
    double[] friction = new double[n * n];
    for (int i = 0; i < n; i++) {
      friction[i * n + i] = FRICTION;
    }
    if (relativeJoints()) {
      friction[0] += FRICTION;
      friction[1] = -FRICTION;
      friction[2] = -FRICTION;
    }
    return ArmDynamics.of(lengths, masses, inertias, friction);
  }

  private boolean relativeJoints() {
    return links() == 2;
  }

  /** The absolute angles of joints as the competition's files have them. */
  double[] anglesOf(double[] joints) {
    double[] angles = new double[links()];
    for (int i = 0; i < angles.length; i++) {
      angles[i] =
          relativeJoints() ? joints[i] + (i > 0 ? angles[i - 1] : 0) : Math.PI / 2 - joints[i];
    }
    return angles;
  }

  /**
   * What a control does.
   *
   * @param control {@code (controls)}
   * @param torque {@code (links)}, written: on the absolute angles, in N m
   */
  void torqueOf(double[] control, double[] torque) {
    for (int i = 0; i < torque.length; i++) {
      double joint = 0;
      for (int k = 0; k < control.length; k++) {
        joint += mix[i][k] * control[k];
      }
      joint = Math.max(-TORQUE_LIMIT, Math.min(TORQUE_LIMIT, TORQUE_PER_CONTROL * joint));
      torque[i] = relativeJoints() ? joint : -joint;
    }
    if (relativeJoints()) {
      torque[0] -= torque[1];
    }
  }

  /**
   * The matrix by which the smallest control that makes a torque follows from it, below the limit.
   *
   * @return {@code (controls, links)}: the pseudo-inverse of what {@link #torqueOf} multiplies by
   */
  double[][] controlPerTorque() {
    int n = links();
    double[][] map = new double[n][controls()];
    double[] unit = new double[controls()];
    double[] torque = new double[n];
    for (int k = 0; k < unit.length; k++) {
      unit[k] = 1;
      torqueOf(unit, torque);
      unit[k] = 0;
      for (int i = 0; i < n; i++) {
        map[i][k] = torque[i];
      }
    }
    return PseudoInverse.of(map);
  }

  @Override
  public String toString() {
    return name;
  }
}
