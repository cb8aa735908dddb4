// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.reaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.favstream.sampler.reaction.ReactionSimulator.FINE_TOLERANCE;
import static org.favstream.sampler.reaction.ReactionSimulator.JOB_TOLERANCE;
import static org.favstream.sampler.reaction.ReactionSystem.CONTROLS;
import static org.favstream.sampler.reaction.ReactionSystem.SPECIES;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReactionSimulatorTest {
  private final ReactionSimulator fine = new ReactionSimulator(FINE_TOLERANCE);
  private final ReactionSimulator job = new ReactionSimulator(JOB_TOLERANCE);

  @Test
  void shouldAgreeWithTinyFixedStepsWhenFine() {
    for (int n = 0; n < 36; n++) {
      ReactionContext context = ReactionCases.context(n);
      double[] u = ReactionCases.mixedControl(n / 12 + n);
      double expected = FineStepRollout.cost(context, u, 1e-3, 5e-3);
      assertThat(fine.cost(context, u).cost())
          .describedAs("case %d", n)
          .isCloseTo(expected, within(1e-6 * expected));
    }
  }

  @Test
  void shouldBeWithinAThousandthInFewStepsWhenAtTheJobsTolerance() {
    int count = 1200;
    int attempts = 0;
    for (int n = 0; n < count; n++) {
      ReactionContext context = ReactionCases.context(n);
      double[] u = ReactionCases.normalControl(n, 2);
      double expected = fine.cost(context, u).cost();
      assertThat(job.cost(context, u).cost())
          .describedAs("case %d", n)
          .isCloseTo(expected, within(1e-3 * expected));
      attempts += job.attempts();
    }
    assertThat(attempts / count).describedAs("attempts at a step").isLessThan(75);
  }

  @Test
  void shouldConvergeWhenTheToleranceTightens() {
    double[] tolerances = {1e-4, 1e-5, 1e-6, 1e-7, 1e-8};
    ReactionSimulator finest = new ReactionSimulator(1e-10);
    double[] worst = new double[tolerances.length];
    for (int t = 0; t < tolerances.length; t++) {
      ReactionSimulator simulator = new ReactionSimulator(tolerances[t]);
      for (int n = 0; n < 96; n++) {
        ReactionContext context = ReactionCases.context(n);
        double[] u = ReactionCases.mixedControl(n);
        double exact = finest.cost(context, u).cost();
        worst[t] = Math.max(worst[t], Math.abs(simulator.cost(context, u).cost() / exact - 1));
      }
      assertThat(worst[t]).describedAs("at %g", tolerances[t]).isLessThan(10 * tolerances[t]);
    }
  }

  @Test
  void shouldStayFiniteWithinBoundedWorkWhenAtEveryCornerOfTheControls() {
    double[] gradient = new double[CONTROLS];
    for (int system = 0; system < 12; system++) {
      ReactionContext context = ReactionCases.context(system);
      for (int corner = 0; corner < 256; corner++) {
        double[] u = ReactionCases.corner(corner);
        Rollout rollout = job.costAndGradient(context, u, gradient);
        assertThat(rollout.diverged()).isFalse();
        assertThat(rollout.cost()).isBetween(0.5, 40.0);
        assertThat(Arrays.stream(gradient)).allMatch(Double::isFinite);
        assertThat(job.attempts()).isLessThan(700);
      }
    }
  }

  @Test
  void shouldNeverGoBelowZeroWhenPushedHard() {
    double[] times = IntStream.rangeClosed(0, 400).mapToDouble(i -> i * i * 5e-4).toArray();
    for (int n = 0; n < 120; n++) {
      ReactionContext context = ReactionCases.context(n);
      double[] u = ReactionCases.mixedControl(n + n / 12);
      double[][] states = job.trajectory(context.rates(), context.state(), u, times).orElseThrow();
      for (double[] state : states) {
        assertThat(Arrays.stream(state).min().orElseThrow()).isNotNegative();
      }
    }
  }

  @Test
  void shouldSayItDivergedWhenTheWorkWouldBeUnbounded() {
    double[] rates = ReactionSystem.of(6).rates();
    double[] gradient = new double[CONTROLS];
    for (double amount : new double[] {0, 1e-300, 1, 1e3, 1e6, 1e100, Double.MAX_VALUE}) {
      double[] state = new double[SPECIES];
      Arrays.fill(state, amount);
      for (int corner : new int[] {0, 0x5a, 0xff}) {
        Rollout rollout =
            job.costAndGradient(rates, state, 1, ReactionCases.corner(corner), gradient);
        assertThat(rollout.cost()).isFinite();
        assertThat(Arrays.stream(gradient)).allMatch(Double::isFinite);
        assertThat(job.attempts()).isLessThanOrEqualTo(ReactionIntegrator.MAX_ATTEMPTS);
        assertThat(rollout.diverged()).describedAs("from %g", amount).isEqualTo(amount > 1e4);
        if (rollout.diverged()) {
          assertThat(rollout.cost()).isEqualTo(Rollout.DIVERGED_COST);
          assertThat(gradient).containsOnly(0);
        }
      }
    }
  }

  @Test
  void shouldSayItDivergedWhenTheControlIsNotFinite() {
    ReactionContext context = ReactionCases.context(1);
    double[] gradient = new double[CONTROLS];
    for (double bad : new double[] {Double.NaN, Double.NEGATIVE_INFINITY, 1e300, 1e30}) {
      double[] u = new double[CONTROLS];
      u[3] = bad;
      assertThat(job.costAndGradient(context, u, gradient)).isEqualTo(Rollout.DIVERGED);
      assertThat(gradient).containsOnly(0);
      assertThat(job.trajectory(context.rates(), context.state(), u, 0, 80)).isEmpty();
    }
  }

  @Test
  void shouldCostTheDeviationAloneWhenThereIsNoControl() {
    ReactionContext context = ReactionCases.context(3);
    double[] u = new double[CONTROLS];
    double[] gradient = new double[CONTROLS];
    double cost = fine.costAndGradient(context, u, gradient).cost();
    double[] times = IntStream.rangeClosed(0, 400).mapToDouble(i -> 40 + 0.1 * i).toArray();
    double[][] states = fine.trajectory(context.rates(), context.state(), u, times).orElseThrow();
    double[] squares =
        Arrays.stream(states).mapToDouble(x -> Math.pow(x[0] - context.target(), 2)).toArray();
    double ends = (squares[0] + squares[squares.length - 1]) / 2;
    double mean = (Arrays.stream(squares).sum() - ends) / (squares.length - 1);
    assertThat(cost).isCloseTo(Math.sqrt(mean), within(1e-5));
    assertThat(Arrays.stream(gradient)).allMatch(Double::isFinite);
  }

  @Test
  void shouldHoldWhatReactionsConserveWhenTheControlIsOver() {
    ReactionContext context = ReactionCases.context(5);
    double[] u = ReactionCases.normalControl(5, 2);
    double[][] states =
        fine.trajectory(context.rates(), context.state(), u, ReactionSystem.PUSH_END, 80)
            .orElseThrow();
    double[] before = conserved(states[0]);
    double[] after = conserved(states[1]);
    for (int i = 0; i < before.length; i++) {
      assertThat(after[i]).isCloseTo(before[i], within(1e-6));
    }
  }

  private static double[] conserved(double[] x) {
    return new double[] {
      x[1] - x[2], x[3] - x[4], x[5] - x[6], x[7] - x[8], x[1] + x[9] + x[13],
    };
  }

  /**
   * The partners of each pair X1 X2, X3 X4, X5 X6, X7 X8 and the controls 0 1, 2 3, .. are alike.
   */
  @Test
  void shouldCostTheSameWhenAllPairsSwapTheirPartners() {
    double[] gradient = new double[CONTROLS];
    double[] swappedGradient = new double[CONTROLS];
    for (int n = 0; n < 48; n++) {
      ReactionContext context = ReactionCases.context(n);
      double[] u = ReactionCases.mixedControl(n + n / 12);
      double[] state = context.state();
      double[] swappedState = state.clone();
      double[] swappedControl = new double[CONTROLS];
      for (int i = 0; i < CONTROLS; i++) {
        swappedState[1 + i] = state[1 + (i ^ 1)];
        swappedControl[i] = u[i ^ 1];
      }
      Rollout rollout = fine.costAndGradient(context, u, gradient);
      Rollout swapped =
          fine.costAndGradient(
              context.rates(), swappedState, context.target(), swappedControl, swappedGradient);
      assertThat(swapped.cost()).isCloseTo(rollout.cost(), within(1e-9 * rollout.cost()));
      for (int i = 0; i < CONTROLS; i++) {
        assertThat(swappedGradient[i]).isCloseTo(gradient[i ^ 1], within(1e-6));
      }
    }
  }

  @Test
  void shouldGiveTheSameWhenTheInstanceWasUsedBefore() {
    double[] first = new double[CONTROLS];
    double[] again = new double[CONTROLS];
    ReactionContext context = ReactionCases.context(9);
    double[] u = ReactionCases.normalControl(9, 2);
    Rollout fresh = new ReactionSimulator(JOB_TOLERANCE).costAndGradient(context, u, first);
    for (int n = 0; n < 24; n++) {
      job.costAndGradient(ReactionCases.context(n), ReactionCases.mixedControl(n), again);
      job.trajectory(context.rates(), context.state(), ReactionCases.corner(n), 0.5, 3);
    }
    assertThat(job.costAndGradient(context, u, again)).isEqualTo(fresh);
    assertThat(again).isEqualTo(first);
    assertThat(job.cost(context, u)).isEqualTo(fresh);
    assertThat(job.cost(context.rates(), context.state(), context.target(), u)).isEqualTo(fresh);
  }

  @Test
  void shouldStartAtTheStateAndMeetEveryTimeWhenAskedForATrajectory() {
    ReactionContext context = ReactionCases.context(7);
    double[] u = ReactionCases.normalControl(7, 4);
    double barely = Math.nextUp(ReactionSystem.PUSH_END);
    double[][] states =
        fine.trajectory(context.rates(), context.state(), u, 0, 0, 0.5, 1, barely, 2, 80)
            .orElseThrow();
    assertThat(states).hasDimensions(7, SPECIES);
    assertThat(states[0]).isEqualTo(context.state());
    assertThat(states[1]).isEqualTo(states[0]);
    double[][] direct = fine.trajectory(context.rates(), context.state(), u, 80).orElseThrow();
    for (int i = 0; i < SPECIES; i++) {
      assertThat(direct[0][i]).isCloseTo(states[6][i], within(1e-6));
    }
  }

  @Test
  void shouldRefuseWithTheReasonWhenArgumentsAreUnsound() {
    double[] rates = ReactionSystem.of(1).rates();
    double[] state = new double[SPECIES];
    double[] u = new double[CONTROLS];
    assertThatIllegalArgumentException()
        .isThrownBy(() -> job.cost(rates, new double[14], 1, u))
        .withMessage("state of 14 numbers: expected 15");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> job.cost(rates, state, 1, new double[9]))
        .withMessage("control of 9 numbers: expected 8");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> job.cost(rates, state, Double.NaN, u))
        .withMessage("target NaN: expected a finite number");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> job.trajectory(rates, state, u, 3, 2))
        .withMessage("time 2.0 after 3.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ReactionSimulator(0))
        .withMessageStartingWith("tolerance 0.0: expected");
    state[4] = -1e-9;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> job.cost(rates, state, 1, u))
        .withMessage("state 4 is -1.0E-9: expected a finite number, not below 0");
  }
}
