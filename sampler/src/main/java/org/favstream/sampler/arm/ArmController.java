// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.arm;

import static org.favstream.sampler.arm.ArmEnvironment.PLACE_UNIT;
import static org.favstream.sampler.arm.ArmEnvironment.SPEED_UNIT;

/**
 * A controller that knows the equations of motion: computed torque in the space of the end effector
 * (Khatib, <i>A unified approach for motion and force control of robot manipulators</i>, 1987).
 *
 * <p>The end effector is to accelerate by {@code stiffness · lack + damping · lack of velocity}.
 * The joints follow by the damped inverse {@code Jᵀ (J Jᵀ + μ)⁻¹}, so that near a singular pose
 * they do not race; what the end effector does not need of them is braked. The torque is the one
 * that makes these accelerations, the control the smallest that makes this torque.
 *
 * <p>It makes offline data and stands for the oracle in checks; no policy that is trained contains
 * it. Holds scratch: an instance belongs to one thread.
 */
final class ArmController implements ArmPolicy {
  /** Of the inverse, in m². */
  private static final double INVERSE_DAMPING = 0.3;

  /** How what the end effector does not need is braked, in 1/s. */
  private static final double BRAKE = 5;

  private final ArmSystem system;
  private final ArmDynamics dynamics;
  private final double[][] actionPerTorque;
  private final double stiffness;
  private final double damping;
  private final double[] sin;
  private final double[] cos;
  private final double[] speed;
  private final double[] acceleration;
  private final double[] torque;

  /**
   * A controller of one arm.
   *
   * @param stiffness in 1/s²
   * @param damping in 1/s
   */
  ArmController(ArmSystem system, double stiffness, double damping) {
    this.system = system;
    this.dynamics = system.dynamics();
    this.actionPerTorque = system.controlPerTorque();
    for (double[] row : actionPerTorque) {
      for (int i = 0; i < row.length; i++) {
        row[i] /= system.actionBound();
      }
    }
    this.stiffness = stiffness;
    this.damping = damping;
    this.sin = new double[system.links()];
    this.cos = new double[system.links()];
    this.speed = new double[system.links()];
    this.acceleration = new double[system.links()];
    this.torque = new double[system.links()];
  }

  @Override
  public float[] act(float[] observations) {
    int size = ArmEnvironment.observationSize(system);
    int copies = observations.length / size;
    float[] actions = new float[copies * system.controls()];
    for (int copy = 0; copy < copies; copy++) {
      plan(observations, copy * size);
      dynamics.torqueFor(sin, cos, speed, acceleration, torque);
      for (int k = 0; k < system.controls(); k++) {
        double action = 0;
        for (int i = 0; i < torque.length; i++) {
          action += actionPerTorque[k][i] * torque[i];
        }
        actions[copy * system.controls() + k] = (float) Math.max(-1, Math.min(1, action));
      }
    }
    return actions;
  }

  /** Reads an observation and sets the accelerations that are wanted. */
  private void plan(float[] observations, int first) {
    int links = system.links();
    int at = first + 4 * links;
    double wantX =
        stiffness * PLACE_UNIT * observations[at] + damping * SPEED_UNIT * observations[at + 2];
    double wantY =
        stiffness * PLACE_UNIT * observations[at + 1] + damping * SPEED_UNIT * observations[at + 3];
    double xx = INVERSE_DAMPING;
    double xy = 0;
    double yy = INVERSE_DAMPING;
    for (int i = 0; i < links; i++) {
      double length = system.length(i);
      cos[i] = observations[first + 4 * i];
      sin[i] = observations[first + 4 * i + 1];
      speed[i] =
          (observations[first + 4 * i + 3] * cos[i] - observations[first + 4 * i + 2] * sin[i])
              * SPEED_UNIT
              / length;
      // What curvature adds already, and what braking takes away.
      wantX += length * (cos[i] * speed[i] * speed[i] - BRAKE * sin[i] * speed[i]);
      wantY += length * (sin[i] * speed[i] * speed[i] + BRAKE * cos[i] * speed[i]);
      xx += length * length * sin[i] * sin[i];
      xy -= length * length * sin[i] * cos[i];
      yy += length * length * cos[i] * cos[i];
    }
    double determinant = xx * yy - xy * xy;
    double pullX = (yy * wantX - xy * wantY) / determinant;
    double pullY = (xx * wantY - xy * wantX) / determinant;
    for (int i = 0; i < links; i++) {
      acceleration[i] = system.length(i) * (cos[i] * pullY - sin[i] * pullX) - BRAKE * speed[i];
    }
  }
}
