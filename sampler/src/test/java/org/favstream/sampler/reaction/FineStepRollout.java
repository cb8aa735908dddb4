// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.reaction;

import static org.favstream.sampler.reaction.ReactionSystem.SPECIES;

import java.util.Arrays;

/**
 * The task written down a second time, from the list of its reactions and the matrix of its
 * control, and integrated by the classical Runge-Kutta scheme at tiny fixed steps. Slow, and shares
 * nothing with what it checks. Where a species reaches zero within a step, the step is halved until
 * it ends there.
 */
final class FineStepRollout {
  /** Reactants, then products, of each reaction; 0 is Y. */
  private static final int[][][] REACTIONS = {
    {{1, 2}, {9}}, {{3, 4}, {10}}, {{5, 6}, {11}}, {{7, 8}, {12}}, {{10}, {0}},
    {{11}, {0}}, {{9, 0}, {13}}, {{12, 0}, {14}}, {{13}, {1, 2}}, {{14}, {5, 6}},
  };

  private static final double[][] CONTROL = {
    {1, 0, 0, 0, .25, 0, 0, 0}, {0, 1, 0, 0, 0, .25, 0, 0},
    {1, 0, 0, 0, 0, 0, .25, 0}, {0, 1, 0, 0, 0, 0, 0, .25},
    {0, 0, 1, 0, 0, 0, .25, 0}, {0, 0, 0, 1, 0, 0, 0, .25},
    {0, 0, 1, 0, .25, 0, 0, 0}, {0, 0, 0, 1, 0, .25, 0, 0},
  };

  private static final double PUSH_END = Math.exp(Math.log(81) * 3 / 19) - 1;

  private final double[] rates;
  private final double[] push = new double[SPECIES];
  private final double target;
  private final boolean[] atZero = new boolean[SPECIES];
  private boolean pushed = true;

  /** The state, then the integral of the squared deviation. */
  private double[] now = new double[SPECIES + 1];

  private FineStepRollout(double[] rates, double target, double[] u) {
    this.rates = rates;
    this.target = target;
    for (int i = 0; i < CONTROL.length; i++) {
      for (int j = 0; j < u.length; j++) {
        push[1 + i] += CONTROL[i][j] * u[j];
      }
    }
  }

  /** The cost J of a control. */
  static double cost(ReactionContext context, double[] u, double pushStep, double step) {
    FineStepRollout rollout = new FineStepRollout(context.rates(), context.target(), u);
    System.arraycopy(context.state(), 0, rollout.now, 0, SPECIES);
    rollout.advance(PUSH_END, pushStep);
    rollout.pushed = false;
    rollout.advance(40 - PUSH_END, step);
    rollout.now[SPECIES] = 0;
    rollout.advance(40, step);
    double squares = Arrays.stream(u).map(each -> each * each).sum();
    return Math.sqrt(rollout.now[SPECIES] / 40) + Math.sqrt(squares / 8) / 20;
  }

  private void advance(double span, double longest) {
    int steps = (int) Math.ceil(span / longest);
    for (int n = 0; n < steps; n++) {
      double left = span / steps;
      while (left > 1e-14) {
        for (int i = 0; i < SPECIES; i++) {
          atZero[i] = now[i] <= 0;
        }
        double h = left;
        double[] next = step(h);
        if (lowest(next) < 0) {
          double above = 0;
          double below = h;
          for (int halvings = 0; halvings < 60; halvings++) {
            double middle = 0.5 * (above + below);
            if (lowest(step(middle)) < 0) {
              below = middle;
            } else {
              above = middle;
            }
          }
          h = below;
          next = step(h);
        }
        for (int i = 0; i < SPECIES; i++) {
          next[i] = Math.max(next[i], 0);
        }
        now = next;
        left -= h;
      }
    }
  }

  private static double lowest(double[] state) {
    return Arrays.stream(state, 0, SPECIES).min().orElseThrow();
  }

  private double[] step(double h) {
    double[] a = change(now);
    double[] b = change(moved(h / 2, a));
    double[] c = change(moved(h / 2, b));
    double[] d = change(moved(h, c));
    double[] next = now.clone();
    for (int i = 0; i < next.length; i++) {
      next[i] += h / 6 * (a[i] + 2 * b[i] + 2 * c[i] + d[i]);
    }
    return next;
  }

  private double[] moved(double h, double[] change) {
    double[] state = now.clone();
    for (int i = 0; i < state.length; i++) {
      state[i] += h * change[i];
    }
    return state;
  }

  private double[] change(double[] state) {
    double[] change = new double[SPECIES + 1];
    for (int r = 0; r < REACTIONS.length; r++) {
      double speed = rates[r];
      for (int reactant : REACTIONS[r][0]) {
        speed *= state[reactant];
      }
      for (int reactant : REACTIONS[r][0]) {
        change[reactant] -= speed;
      }
      for (int product : REACTIONS[r][1]) {
        change[product] += speed;
      }
    }
    for (int i = 0; i < SPECIES; i++) {
      change[i] += pushed ? push[i] : 0;
      if (atZero[i]) {
        change[i] = Math.max(change[i], 0);
      }
    }
    change[SPECIES] = (state[0] - target) * (state[0] - target);
    return change;
  }
}
