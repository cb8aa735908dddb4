// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.arm;

/** Three links: the mass matrix is inverted by its cofactors. */
final class ThreeLinkDynamics extends ArmDynamics {
  ThreeLinkDynamics(double[] lengths, double[] masses, double[] inertias, double[] friction) {
    super(lengths, masses, inertias, friction);
  }

  @Override
  void accelerate(
      double[] sin, double[] cos, double[] speed, double[] torque, double[] acceleration) {
    double a00 = inertia[0];
    double a11 = inertia[4];
    double a22 = inertia[8];
    double a01 = inertia[1] * (cos[0] * cos[1] + sin[0] * sin[1]);
    double a02 = inertia[2] * (cos[0] * cos[2] + sin[0] * sin[2]);
    double a12 = inertia[5] * (cos[1] * cos[2] + sin[1] * sin[2]);
    double b01 = inertia[1] * (sin[0] * cos[1] - cos[0] * sin[1]);
    double b02 = inertia[2] * (sin[0] * cos[2] - cos[0] * sin[2]);
    double b12 = inertia[5] * (sin[1] * cos[2] - cos[1] * sin[2]);
    double v0 = speed[0];
    double v1 = speed[1];
    double v2 = speed[2];
    double r0 = torque[0] - b01 * v1 * v1 - b02 * v2 * v2 - weight[0] * cos[0];
    double r1 = torque[1] + b01 * v0 * v0 - b12 * v2 * v2 - weight[1] * cos[1];
    double r2 = torque[2] + b02 * v0 * v0 + b12 * v1 * v1 - weight[2] * cos[2];
    r0 -= friction[0] * v0 + friction[1] * v1 + friction[2] * v2;
    r1 -= friction[3] * v0 + friction[4] * v1 + friction[5] * v2;
    r2 -= friction[6] * v0 + friction[7] * v1 + friction[8] * v2;
    double c00 = a11 * a22 - a12 * a12;
    double c01 = a02 * a12 - a01 * a22;
    double c02 = a01 * a12 - a02 * a11;
    double c11 = a00 * a22 - a02 * a02;
    double c12 = a01 * a02 - a00 * a12;
    double c22 = a00 * a11 - a01 * a01;
    double inverse = 1 / (a00 * c00 + a01 * c01 + a02 * c02);
    acceleration[0] = (c00 * r0 + c01 * r1 + c02 * r2) * inverse;
    acceleration[1] = (c01 * r0 + c11 * r1 + c12 * r2) * inverse;
    acceleration[2] = (c02 * r0 + c12 * r1 + c22 * r2) * inverse;
  }
}
