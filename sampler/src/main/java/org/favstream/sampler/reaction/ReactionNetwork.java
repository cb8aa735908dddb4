// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.reaction;

import static org.favstream.sampler.reaction.ReactionSystem.CONTROLS;

import java.util.Arrays;

/**
 * The ten reactions, as pure functions on states {@code Y, X1..X14} that lie somewhere in a longer
 * array.
 *
 * <pre>
 *   k0  X1 + X2 → X9         k4  X10 → Y          k8  X13 → X1 + X2
 *   k1  X3 + X4 → X10        k5  X11 → Y          k9  X14 → X5 + X6
 *   k2  X5 + X6 → X11        k6  X9 + Y → X13
 *   k3  X7 + X8 → X12        k7  X12 + Y → X14
 * </pre>
 *
 * <p>A control {@code u} (8 numbers) adds {@code B u} to the rates of change of X1..X8. Every row
 * of {@code B} has one 1 and one 0.25. Its rank is 6: {@code u} and {@code u + c (-1, 0, -1, 0, 4,
 * 0, 4, 0)} push alike, and so does the same pattern on the odd places. Even and odd are alike
 * altogether: to swap X1 with X2, X3 with X4, X5 with X6, X7 with X8 and the controls of even
 * places with those of odd ones changes nothing.
 */
final class ReactionNetwork {
  /** How many species a control pushes: X1..X8, in places 1..8 of a state. */
  static final int PUSHED = 8;

  /** Place of the 1 in each row of B. */
  private static final int[] STRONG = {0, 1, 0, 1, 2, 3, 2, 3};

  /** Place of the 0.25 in each row of B. */
  private static final int[] WEAK = {4, 5, 6, 7, 6, 7, 4, 5};

  private static final double WEAKNESS = 0.25;

  private ReactionNetwork() {}

  /**
   * Rates of change without a control.
   *
   * @param k rates {@code k0..k9}
   * @param x holds the state
   * @param at where in {@code x} the state begins
   * @param change what becomes of the state per unit of time, 15 numbers, written
   */
  static void change(double[] k, double[] x, int at, double[] change) {
    double y = x[at];
    double v0 = k[0] * x[at + 1] * x[at + 2];
    double v1 = k[1] * x[at + 3] * x[at + 4];
    double v2 = k[2] * x[at + 5] * x[at + 6];
    double v3 = k[3] * x[at + 7] * x[at + 8];
    double v4 = k[4] * x[at + 10];
    double v5 = k[5] * x[at + 11];
    double v6 = k[6] * x[at + 9] * y;
    double v7 = k[7] * x[at + 12] * y;
    double v8 = k[8] * x[at + 13];
    double v9 = k[9] * x[at + 14];
    change[0] = v4 + v5 - v6 - v7;
    change[1] = v8 - v0;
    change[2] = v8 - v0;
    change[3] = -v1;
    change[4] = -v1;
    change[5] = v9 - v2;
    change[6] = v9 - v2;
    change[7] = -v3;
    change[8] = -v3;
    change[9] = v0 - v6;
    change[10] = v1 - v4;
    change[11] = v2 - v5;
    change[12] = v3 - v7;
    change[13] = v6 - v8;
    change[14] = v7 - v9;
  }

  /**
   * The transposed Jacobian of {@link #change} times a vector.
   *
   * @param g derivatives by the rates of change, 15 numbers
   * @param byState derivatives by the state, 15 numbers, written
   */
  static void pullBack(double[] k, double[] x, int at, double[] g, double[] byState) {
    double y = x[at];
    double q0 = k[0] * (g[9] - g[1] - g[2]);
    double q1 = k[1] * (g[10] - g[3] - g[4]);
    double q2 = k[2] * (g[11] - g[5] - g[6]);
    double q3 = k[3] * (g[12] - g[7] - g[8]);
    double q6 = k[6] * (g[13] - g[9] - g[0]);
    double q7 = k[7] * (g[14] - g[12] - g[0]);
    byState[0] = x[at + 9] * q6 + x[at + 12] * q7;
    byState[1] = x[at + 2] * q0;
    byState[2] = x[at + 1] * q0;
    byState[3] = x[at + 4] * q1;
    byState[4] = x[at + 3] * q1;
    byState[5] = x[at + 6] * q2;
    byState[6] = x[at + 5] * q2;
    byState[7] = x[at + 8] * q3;
    byState[8] = x[at + 7] * q3;
    byState[9] = y * q6;
    byState[10] = k[4] * (g[0] - g[10]);
    byState[11] = k[5] * (g[0] - g[11]);
    byState[12] = y * q7;
    byState[13] = k[8] * (g[1] + g[2] - g[13]);
    byState[14] = k[9] * (g[5] + g[6] - g[14]);
  }

  /**
   * The fastest decay among the reactions, in 1/time: the size of the Jacobian's largest eigenvalue
   * but for couplings, which are weak.
   */
  static double fastestDecay(double[] k, double[] x, int at) {
    double pairs =
        Math.max(
            Math.max(k[0] * (x[at + 1] + x[at + 2]), k[1] * (x[at + 3] + x[at + 4])),
            Math.max(k[2] * (x[at + 5] + x[at + 6]), k[3] * (x[at + 7] + x[at + 8])));
    double yield = Math.max(k[6], k[7]) * x[at] + k[6] * x[at + 9] + k[7] * x[at + 12];
    double single = Math.max(Math.max(k[4], k[5]), Math.max(k[8], k[9]));
    return Math.max(Math.max(pairs, yield), single);
  }

  /** Writes {@code B u} into {@code push}. */
  static void push(double[] u, double[] push) {
    for (int row = 0; row < PUSHED; row++) {
      push[row] = u[STRONG[row]] + WEAKNESS * u[WEAK[row]];
    }
  }

  /** Writes {@code Bᵀ byPush} into {@code byControl}. */
  static void pullBackPush(double[] byPush, double[] byControl) {
    Arrays.fill(byControl, 0, CONTROLS, 0);
    for (int row = 0; row < PUSHED; row++) {
      byControl[STRONG[row]] += byPush[row];
      byControl[WEAK[row]] += WEAKNESS * byPush[row];
    }
  }
}
