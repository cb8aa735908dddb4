// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.arm;

import static org.favstream.sampler.arm.ArmSystem.CONTROL_SECONDS;
import static org.favstream.sampler.arm.ArmSystem.EPISODE_STEPS;

import java.util.Arrays;
import org.favstream.sampler.environment.Environment;

/**
 * Arms that follow targets. An episode is {@value ArmSystem#EPISODE_STEPS} steps of 10 ms, from
 * rest, on the target of its seed (see {@link ArmTargets}) or on a given one; it is then truncated,
 * and never terminates.
 *
 * <p>The reward of a step is {@code -2c² (√(1 + ‖e‖²/c²) - 1) - λ ‖a‖²}, with c the {@link #BEND},
 * λ the {@link #ACTION_WEIGHT}, {@code e} what lacks from the end effector to the target after the
 * step, in m, and {@code a} the action. That is {@code -‖e‖² - λ ‖a‖²} near the target, and falls
 * no faster than the distance far from it.
 *
 * <p>The observation has {@code 4 · links + 4} numbers. It is a linear function of what the
 * competition shows (places and velocities of all joints, and the next place of the target), made
 * for a network:
 *
 * <ul>
 *   <li>of each link, from the base: direction {@code cos φ, sin φ}, and velocity of its outer end
 *       against its inner one, x and y, in units of {@value #SPEED_UNIT} m/s;
 *   <li>next place of the target less that of the end effector, in units of {@value #PLACE_UNIT} m;
 *   <li>velocity of the target towards that place less that of the end effector, in units of
 *       {@value #SPEED_UNIT} m/s.
 * </ul>
 *
 * <p>After the last step the target is taken to move on as it did.
 *
 * <p>Controls within their bounds drive no arm to speeds at which the integration fails; where
 * substeps are few that may be otherwise. An arm whose state is no longer finite, or faster than
 * {@value #FASTEST} rad/s, is put back to where it was before the step, at rest, and goes on.
 */
public final class ArmEnvironment implements Environment {
  /**
   * What the squared size of an action costs, in m². Of the gains of a controller that knows the
   * equations, those with the best reward at this weight (and a squared error) have on seven of
   * eight systems a score within 6 % of the best on the competition's targets (great-vivacious:
   * .885 for .685); without it they use a third more control.
   */
  static final double ACTION_WEIGHT = 0.3;

  /**
   * From where on the error counts by its size and no more by its square, in m. Squares, of up to
   * 36 m², leave a critic little resolution for what an action does near the target.
   */
  static final double BEND = 0.3;

  static final double PLACE_UNIT = 0.5;
  static final double SPEED_UNIT = 5;
  private static final double FASTEST = 1000;

  private final ArmSystem system;
  private final Spec spec;
  private final ArmDynamics dynamics;
  private final int substeps;
  private final int links;
  private final double[] angles;
  private final double[] speeds;
  private final double[][] paths;
  private final int[] steps;
  private final double[] before;
  private final double[] control;
  private final double[] torque;
  private final double[] end = new double[2];

  /**
   * Copies of one arm, which all must be reset before the first step.
   *
   * @param system which arm
   * @param copies how many
   * @param substeps Runge-Kutta steps a control step, 1 to 100
   */
  public ArmEnvironment(ArmSystem system, int copies, int substeps) {
    requireSubsteps(system, substeps);
    this.system = system;
    this.substeps = substeps;
    this.links = system.links();
    this.spec = new Spec(system.name(), observationSize(system), system.controls(), copies);
    this.dynamics = system.dynamics();
    this.angles = new double[copies * links];
    this.speeds = new double[copies * links];
    this.paths = new double[copies][];
    this.steps = new int[copies];
    Arrays.fill(steps, EPISODE_STEPS);
    this.before = new double[links];
    this.control = new double[system.controls()];
    this.torque = new double[links];
  }

  static void requireSubsteps(ArmSystem system, int substeps) {
    if (substeps < 1 || substeps > 100) {
      throw new IllegalArgumentException(
          "arm %s: substeps %d, expected 1 to 100".formatted(system, substeps));
    }
  }

  /** How many numbers an observation of this arm has. */
  public static int observationSize(ArmSystem system) {
    return 4 * system.links() + 4;
  }

  @Override
  public Spec spec() {
    return spec;
  }

  @Override
  public float[] reset(int copy, long seed) {
    return reset(copy, ArmTargets.draw(system, seed));
  }

  /**
   * Begins an episode on a given target in one copy.
   *
   * @param copy which, from 0
   * @param target what to follow, and from where
   * @return the first observation
   */
  public float[] reset(int copy, ArmTarget target) {
    if (target.angles().length != links) {
      throw new IllegalArgumentException(
          "a target of %d links for arm %s, which has %d"
              .formatted(target.angles().length, system, links));
    }
    System.arraycopy(target.angles(), 0, angles, copy * links, links);
    Arrays.fill(speeds, copy * links, (copy + 1) * links, 0);
    paths[copy] = target.path();
    steps[copy] = 0;
    float[] observation = new float[spec.observationSize()];
    observe(copy, observation, 0);
    return observation;
  }

  @Override
  public Step step(float[] actions) {
    int copies = spec.copies();
    if (actions.length != copies * spec.actionSize()) {
      throw new IllegalArgumentException(
          "arm %s: %d numbers of actions, expected %d copies of %d"
              .formatted(system, actions.length, copies, spec.actionSize()));
    }
    for (int copy = 0; copy < copies; copy++) {
      if (steps[copy] == EPISODE_STEPS) {
        throw new IllegalStateException("arm %s: copy %d was not reset".formatted(system, copy));
      }
    }
    Step step =
        new Step(
            new float[copies * spec.observationSize()],
            new float[copies],
            new boolean[copies],
            new boolean[copies]);
    for (int copy = 0; copy < copies; copy++) {
      double cost = ACTION_WEIGHT * act(actions, copy);
      move(copy);
      steps[copy]++;
      writeEnd(copy, end, 0);
      double lackX = paths[copy][2 * steps[copy]] - end[0];
      double lackY = paths[copy][2 * steps[copy] + 1] - end[1];
      step.rewards()[copy] = (float) -(errorCost(lackX * lackX + lackY * lackY) + cost);
      step.truncated()[copy] = steps[copy] == EPISODE_STEPS;
      observe(copy, step.observations(), copy * spec.observationSize());
    }
    return step;
  }

  /**
   * What an error costs, in m², by its square: {@code 2c² (√(1 + ‖e‖²/c²) - 1)}, without the loss
   * of digits that this has near 0.
   */
  static double errorCost(double square) {
    return 2 * square / (1 + Math.sqrt(1 + square / (BEND * BEND)));
  }

  /** Turns a copy's action into torque; gives the squared size of the action after clipping. */
  private double act(float[] actions, int copy) {
    double square = 0;
    for (int k = 0; k < control.length; k++) {
      double action = Math.max(-1, Math.min(1, actions[copy * control.length + k]));
      if (Double.isNaN(action)) {
        throw new IllegalArgumentException(
            "arm %s: action %d of copy %d is NaN".formatted(system, k, copy));
      }
      square += action * action;
      control[k] = system.actionBound() * action;
    }
    system.torqueOf(control, torque);
    return square;
  }

  private void move(int copy) {
    int at = copy * links;
    System.arraycopy(angles, at, before, 0, links);
    dynamics.advance(angles, speeds, at, torque, CONTROL_SECONDS, substeps);
    for (int i = at; i < at + links; i++) {
      if (!(Math.abs(speeds[i]) <= FASTEST)) {
        System.arraycopy(before, 0, angles, at, links);
        Arrays.fill(speeds, at, at + links, 0);
        return;
      }
    }
  }

  /** Writes where a copy's end effector is, x and y in m. */
  void writeEnd(int copy, double[] out, int at) {
    double x = 0;
    double y = 0;
    for (int i = 0; i < links; i++) {
      double angle = angles[copy * links + i];
      x += system.length(i) * StrictMath.cos(angle);
      y += system.length(i) * StrictMath.sin(angle);
    }
    out[at] = x;
    out[at + 1] = y;
  }

  private void observe(int copy, float[] out, int first) {
    double[] path = paths[copy];
    int now = Math.min(steps[copy], EPISODE_STEPS - 1);
    double stepX = path[2 * now + 2] - path[2 * now];
    double stepY = path[2 * now + 3] - path[2 * now + 1];
    double lackX = path[2 * steps[copy]] + stepX;
    double lackY = path[2 * steps[copy] + 1] + stepY;
    double slowX = stepX / CONTROL_SECONDS;
    double slowY = stepY / CONTROL_SECONDS;
    int at = first;
    for (int i = 0; i < links; i++) {
      double cos = StrictMath.cos(angles[copy * links + i]);
      double sin = StrictMath.sin(angles[copy * links + i]);
      double velocity = system.length(i) * speeds[copy * links + i];
      lackX -= system.length(i) * cos;
      lackY -= system.length(i) * sin;
      slowX += velocity * sin;
      slowY -= velocity * cos;
      out[at++] = (float) cos;
      out[at++] = (float) sin;
      out[at++] = (float) (-velocity * sin / SPEED_UNIT);
      out[at++] = (float) (velocity * cos / SPEED_UNIT);
    }
    out[at++] = (float) (lackX / PLACE_UNIT);
    out[at++] = (float) (lackY / PLACE_UNIT);
    out[at++] = (float) (slowX / SPEED_UNIT);
    out[at] = (float) (slowY / SPEED_UNIT);
  }

  @Override
  public void close() {
    // holds nothing that must be given back
  }
}
