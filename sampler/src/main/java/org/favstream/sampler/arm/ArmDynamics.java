// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.arm;

/**
 * A planar arm of n links as equations of motion, and fourth-order Runge-Kutta steps of them.
 *
 * <p>Angles φ are absolute: of each link from the horizontal, counter-clockwise. In them the mass
 * matrix depends on differences alone, whatever the number of links (Murray, Li and Sastry, <i>A
 * Mathematical Introduction to Robotic Manipulation</i>, 1994, ch. 4; there in relative angles):
 *
 * <pre>
 * Σ_j a_ij (cos(φ_i - φ_j) φ̈_j + sin(φ_i - φ_j) φ̇_j²) + w_i cos φ_i + Σ_j d_ij φ̇_j = τ_i
 *
 * a_ii = I_i + m_i (L_i/2)² + L_i² Σ_{k>i} m_k
 * a_ij = L_i (m_j L_j/2 + L_j Σ_{k>j} m_k)            for i < j, and symmetric
 * w_i  = g (m_i L_i/2 + L_i Σ_{k>i} m_k)
 * </pre>
 *
 * <p>Sines and cosines would be the cost. They are computed once a call, by {@link StrictMath};
 * from there on they are turned by the angle's increment, whose own sine and cosine are a few terms
 * of their series. All is arithmetic in a fixed order: the same bits on every JVM.
 *
 * <p>Holds scratch: an instance belongs to one thread.
 */
abstract class ArmDynamics {
  private static final double GRAVITY = 9.81;

  /** Up to here the series below are exact to rounding: their next terms are under 3e-16. */
  private static final double SERIES_LIMIT = 0.125;

  final int links;

  /** {@code (links, links)}: the mass matrix where all angles are equal, in kg m². */
  final double[] inertia;

  /** {@code (links)}: torque of gravity where a link is horizontal, in N m. */
  final double[] weight;

  /** {@code (links, links)}: viscous friction, in N m s. */
  final double[] friction;

  private final double[] sine;
  private final double[] cosine;
  private final double[] turnedSine;
  private final double[] turnedCosine;
  private final double[] angle;
  private final double[] speed1;
  private final double[] speed2;
  private final double[] speed3;
  private final double[] speed4;
  private final double[] change1;
  private final double[] change2;
  private final double[] change3;
  private final double[] change4;

  ArmDynamics(double[] lengths, double[] masses, double[] inertias, double[] friction) {
    links = lengths.length;
    inertia = new double[links * links];
    weight = new double[links];
    this.friction = friction.clone();
    double beyond = 0; // mass of the links further out
    for (int j = links - 1; j >= 0; j--) {
      double moment = masses[j] * lengths[j] / 2 + lengths[j] * beyond;
      weight[j] = GRAVITY * moment;
      for (int i = 0; i < j; i++) {
        inertia[i * links + j] = lengths[i] * moment;
        inertia[j * links + i] = lengths[i] * moment;
      }
      inertia[j * links + j] =
          inertias[j] + masses[j] * lengths[j] * lengths[j] / 4 + lengths[j] * lengths[j] * beyond;
      beyond += masses[j];
    }
    sine = new double[links];
    cosine = new double[links];
    turnedSine = new double[links];
    turnedCosine = new double[links];
    angle = new double[links];
    speed1 = new double[links];
    speed2 = new double[links];
    speed3 = new double[links];
    speed4 = new double[links];
    change1 = new double[links];
    change2 = new double[links];
    change3 = new double[links];
    change4 = new double[links];
  }

  /** The dynamics of two or three links. */
  static ArmDynamics of(double[] lengths, double[] masses, double[] inertias, double[] friction) {
    return lengths.length == 2
        ? new TwoLinkDynamics(lengths, masses, inertias, friction)
        : new ThreeLinkDynamics(lengths, masses, inertias, friction);
  }

  /**
   * Solves the equations for the accelerations.
   *
   * @param sin {@code (links)}, of the angles
   * @param cos {@code (links)}, of the angles
   * @param speed {@code (links)}, in rad/s
   * @param torque {@code (links)}, on the absolute angles, in N m
   * @param acceleration {@code (links)}, written, in rad/s²
   */
  abstract void accelerate(
      double[] sin, double[] cos, double[] speed, double[] torque, double[] acceleration);

  /** The torque that makes these accelerations; arguments as of {@link #accelerate}. */
  final void torqueFor(
      double[] sin, double[] cos, double[] speed, double[] acceleration, double[] torque) {
    for (int i = 0; i < links; i++) {
      double sum = weight[i] * cos[i];
      for (int j = 0; j < links; j++) {
        double cosBetween = cos[i] * cos[j] + sin[i] * sin[j];
        double sinBetween = sin[i] * cos[j] - cos[i] * sin[j];
        sum +=
            inertia[i * links + j]
                    * (cosBetween * acceleration[j] + sinBetween * speed[j] * speed[j])
                + friction[i * links + j] * speed[j];
      }
      torque[i] = sum;
    }
  }

  /**
   * Moves one arm under a torque that is held.
   *
   * @param angles of all arms; this one's are read and written
   * @param speeds of all arms; this one's are read and written
   * @param at where this arm's numbers begin in both
   * @param torque {@code (links)}
   * @param seconds how long
   * @param substeps Runge-Kutta steps in that time
   */
  final void advance(
      double[] angles, double[] speeds, int at, double[] torque, double seconds, int substeps) {
    double h = seconds / substeps;
    for (int i = 0; i < links; i++) {
      angle[i] = angles[at + i];
      speed1[i] = speeds[at + i];
      sine[i] = StrictMath.sin(angle[i]);
      cosine[i] = StrictMath.cos(angle[i]);
    }
    for (int n = 0; n < substeps; n++) {
      accelerate(sine, cosine, speed1, torque, change1);
      stage(h / 2, speed1, change1, speed2);
      accelerate(turnedSine, turnedCosine, speed2, torque, change2);
      stage(h / 2, speed2, change2, speed3);
      accelerate(turnedSine, turnedCosine, speed3, torque, change3);
      stage(h, speed3, change3, speed4);
      accelerate(turnedSine, turnedCosine, speed4, torque, change4);
      for (int i = 0; i < links; i++) {
        double turn = h / 6 * (speed1[i] + 2 * speed2[i] + 2 * speed3[i] + speed4[i]);
        turn(i, turn);
        sine[i] = turnedSine[i];
        cosine[i] = turnedCosine[i];
        angle[i] += turn;
        speed1[i] += h / 6 * (change1[i] + 2 * change2[i] + 2 * change3[i] + change4[i]);
      }
    }
    for (int i = 0; i < links; i++) {
      angles[at + i] = angle[i];
      speeds[at + i] = speed1[i];
    }
  }

  /** Where a stage is evaluated: angles turned by {@code h·speed}, speeds changed likewise. */
  private void stage(double h, double[] speed, double[] change, double[] next) {
    for (int i = 0; i < links; i++) {
      turn(i, h * speed[i]);
      next[i] = speed1[i] + h * change[i];
    }
  }

  private void turn(int i, double by) {
    double sin;
    double cos;
    if (Math.abs(by) <= SERIES_LIMIT) {
      double square = by * by;
      sin =
          by
              * (1
                  + square
                      * (-1.0 / 6
                          + square * (1.0 / 120 + square * (-1.0 / 5040 + square / 362880))));
      cos =
          1
              + square
                  * (-0.5 + square * (1.0 / 24 + square * (-1.0 / 720 + square * (1.0 / 40320))));
    } else {
      sin = StrictMath.sin(by);
      cos = StrictMath.cos(by);
    }
    turnedSine[i] = sine[i] * cos + cosine[i] * sin;
    turnedCosine[i] = cosine[i] * cos - sine[i] * sin;
  }
}
