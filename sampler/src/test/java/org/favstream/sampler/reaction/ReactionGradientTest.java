// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.reaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.favstream.sampler.reaction.ReactionSimulator.JOB_TOLERANCE;
import static org.favstream.sampler.reaction.ReactionSystem.CONTROLS;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ReactionGradientTest {
  private static final double WIDTH = 1e-4;

  private final ReactionSimulator tight = new ReactionSimulator(1e-9);

  /**
   * Central differences of rollouts that share no steps. J has a kink where a species just reaches
   * zero as the push ends; a difference across one is no derivative, and is left out.
   */
  @Test
  void shouldAgreeWithDifferencesWhenNoSpeciesChangesItsZeroBetween() {
    int compared = 0;
    int left = 0;
    double[] gradient = new double[CONTROLS];
    for (int n = 0; n < 144; n++) {
      ReactionContext context = ReactionCases.context(n);
      double[] u = ReactionCases.mixedControl(n + n / 12);
      tight.costAndGradient(context, u, gradient);
      for (int i = 0; i < CONTROLS; i++) {
        double[] up = u.clone();
        up[i] += WIDTH;
        double[] down = u.clone();
        down[i] -= WIDTH;
        if (!Arrays.equals(zeroAsThePushEnds(context, up), zeroAsThePushEnds(context, down))) {
          left++;
          continue;
        }
        double difference =
            (tight.cost(context, up).cost() - tight.cost(context, down).cost()) / (2 * WIDTH);
        assertThat(Math.abs(gradient[i] - difference))
            .describedAs(
                "case %d, control %d: %g, by differences %g", n, i, gradient[i], difference)
            .isLessThan(2e-5 * (1 + Math.abs(difference)));
        compared++;
      }
    }
    assertThat(left).describedAs("left out, of %d", compared + left).isLessThan(compared / 100);
  }

  private boolean[] zeroAsThePushEnds(ReactionContext context, double[] u) {
    double[] state =
        tight.trajectory(context.rates(), context.state(), u, ReactionSystem.PUSH_END)
            .orElseThrow()[0];
    boolean[] zero = new boolean[state.length];
    for (int i = 0; i < state.length; i++) {
      zero[i] = state[i] == 0;
    }
    return zero;
  }

  @Test
  void shouldBeNearTheExactGradientWhenAtTheJobsTolerance() {
    ReactionSimulator job = new ReactionSimulator(JOB_TOLERANCE);
    double[] exact = new double[CONTROLS];
    double[] near = new double[CONTROLS];
    int count = 1200;
    double[] errors = new double[count];
    for (int n = 0; n < count; n++) {
      ReactionContext context = ReactionCases.context(n);
      double[] u = ReactionCases.normalControl(n, 2);
      tight.costAndGradient(context, u, exact);
      job.costAndGradient(context, u, near);
      errors[n] = distance(near, exact) / distance(exact, new double[CONTROLS]);
    }
    Arrays.sort(errors);
    assertThat(errors[count / 2]).isLessThan(2e-4);
    assertThat(errors[count * 99 / 100]).isLessThan(5e-3);
  }

  private static double distance(double[] a, double[] b) {
    double squares = 0;
    for (int i = 0; i < a.length; i++) {
      squares += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return Math.sqrt(squares);
  }

  @Test
  void shouldHoldTheControlsPriceAloneWhenTheControlPushesNothing() {
    ReactionContext context = ReactionCases.context(4);
    double[] u = {-1, 0, -1, 0, 4, 0, 4, 0};
    double[] none = new double[CONTROLS];
    double[] gradient = new double[CONTROLS];
    double[] gradientOfNone = new double[CONTROLS];
    double cost = tight.costAndGradient(context, u, gradient).cost();
    double costOfNone = tight.costAndGradient(context, none, gradientOfNone).cost();
    double size = Math.sqrt(34.0 / 8);
    assertThat(cost).isEqualTo(costOfNone + size / 20);
    for (int i = 0; i < CONTROLS; i++) {
      double byPrice = u[i] / (160 * size);
      assertThat(Math.abs(gradient[i] - gradientOfNone[i] - byPrice)).isLessThan(1e-15);
    }
  }
}
