// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.arm;

/** Two links: the mass matrix is inverted by Cramer's rule. */
final class TwoLinkDynamics extends ArmDynamics {
  TwoLinkDynamics(double[] lengths, double[] masses, double[] inertias, double[] friction) {
    super(lengths, masses, inertias, friction);
  }

  @Override
  void accelerate(
      double[] sin, double[] cos, double[] speed, double[] torque, double[] acceleration) {
    double a00 = inertia[0];
    double a11 = inertia[3];
    double a01 = inertia[1] * (cos[0] * cos[1] + sin[0] * sin[1]);
    double b01 = inertia[1] * (sin[0] * cos[1] - cos[0] * sin[1]);
    double v0 = speed[0];
    double v1 = speed[1];
    double r0 =
        torque[0] - b01 * v1 * v1 - weight[0] * cos[0] - friction[0] * v0 - friction[1] * v1;
    double r1 =
        torque[1] + b01 * v0 * v0 - weight[1] * cos[1] - friction[2] * v0 - friction[3] * v1;
    double inverse = 1 / (a00 * a11 - a01 * a01);
    acceleration[0] = (a11 * r0 - a01 * r1) * inverse;
    acceleration[1] = (a00 * r1 - a01 * r0) * inverse;
  }
}
