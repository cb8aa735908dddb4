// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.reaction;

import static org.favstream.sampler.reaction.ReactionSystem.CONTROLS;
import static org.favstream.sampler.reaction.ReactionSystem.HORIZON;
import static org.favstream.sampler.reaction.ReactionSystem.PUSH_END;
import static org.favstream.sampler.reaction.ReactionSystem.RATES;
import static org.favstream.sampler.reaction.ReactionSystem.SCORE_START;
import static org.favstream.sampler.reaction.ReactionSystem.SPECIES;
import static org.favstream.sampler.reaction.ReactionTape.STRIDE;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Rolls a control out and says what it cost, and how the cost changes with the control.
 *
 * <pre>
 *   J = sqrt( mean over t in [40, 80] of (Y(t) - target)² ) + sqrt( |u|² / 8 ) / 20
 * </pre>
 *
 * <p>A control that is not finite, or that cannot be integrated within the bounded work, gives a
 * {@linkplain Rollout#diverged() diverged} rollout: never an exception, never a NaN. Controls need
 * not lie within {@link ReactionSystem#CONTROL_LIMIT}: keeping them there is the caller's part.
 *
 * <p>An instance belongs to one thread. It is cheap to make, and allocates nothing per step.
 */
public final class ReactionSimulator {
  /** Tolerance at which J is within 1e-3 of itself: what a job trains with. */
  public static final double JOB_TOLERANCE = 3e-4;

  /** Tolerance at which J is within 1e-6 of itself: what tests and evaluations take. */
  public static final double FINE_TOLERANCE = 1e-8;

  private static final double LEAST_TOLERANCE = 1e-10;
  private static final double MOST_TOLERANCE = 1e-2;

  /** Weight of the control in J. */
  private static final double CONTROL_PRICE = 1.0 / 20;

  private final ReactionIntegrator integrator;
  private final ReactionAdjoint adjoint = new ReactionAdjoint();

  /**
   * Makes one.
   *
   * @param tolerance what a step's error may be, as a concentration: 1e-10 to 1e-2
   */
  public ReactionSimulator(double tolerance) {
    if (!(tolerance >= LEAST_TOLERANCE && tolerance <= MOST_TOLERANCE)) {
      throw new IllegalArgumentException(
          "tolerance " + tolerance + ": expected " + LEAST_TOLERANCE + " to " + MOST_TOLERANCE);
    }
    this.integrator = new ReactionIntegrator(tolerance);
  }

  /** The cost of a control in a context. */
  public Rollout cost(ReactionContext context, double[] u) {
    return roll(context.rates, context.state, context.target, u, null);
  }

  /**
   * The cost of a control.
   *
   * @param rates {@code k0..k9}
   * @param x0 the state at time 0, 15 numbers, none below zero
   * @param target the yield to hold
   * @param u the control, 8 numbers
   */
  public Rollout cost(double[] rates, double[] x0, double target, double[] u) {
    check(rates, x0);
    checkTarget(target);
    return roll(rates, x0, target, u, null);
  }

  /** As {@link #cost(ReactionContext, double[])}, with the gradient, 8 numbers, written. */
  public Rollout costAndGradient(ReactionContext context, double[] u, double[] gradientOut) {
    return roll(context.rates, context.state, context.target, u, gradientOut);
  }

  /**
   * The cost of a control and its gradient. Where J has a kink (a control of 0, a target met
   * exactly) the part with the kink adds nothing to the gradient.
   *
   * @param gradientOut {@code dJ/du}, 8 numbers, written; zeros if the rollout diverged
   */
  public Rollout costAndGradient(
      double[] rates, double[] x0, double target, double[] u, double[] gradientOut) {
    check(rates, x0);
    checkTarget(target);
    return roll(rates, x0, target, u, gradientOut);
  }

  /**
   * The states at given times.
   *
   * @param times from 0 on, none before the one before it
   * @return a row of 15 numbers a time; empty if the rollout diverged
   */
  public Optional<double[][]> trajectory(double[] rates, double[] x0, double[] u, double... times) {
    check(rates, x0);
    checkLength("control", u, CONTROLS);
    if (!isFinite(u)) {
      return Optional.empty();
    }
    integrator.start(rates, x0, u);
    double[][] states = new double[times.length][];
    double before = 0;
    for (int n = 0; n < times.length; n++) {
      double at = times[n];
      if (!(at >= before && at < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException("time " + at + " after " + before);
      }
      boolean arrived =
          (before >= PUSH_END || integrator.advance(Math.min(at, PUSH_END), true))
              && (at <= PUSH_END || integrator.advance(at, false));
      if (!arrived) {
        return Optional.empty();
      }
      ReactionTape tape = integrator.tape();
      states[n] = Arrays.copyOfRange(tape.states, tape.head(), tape.head() + SPECIES);
      before = at;
    }
    return Optional.of(states);
  }

  /** Attempts at a step in the last rollout: its work. */
  int attempts() {
    return integrator.attempts();
  }

  private Rollout roll(
      double[] rates, double[] x0, double target, double[] u, double @Nullable [] gradientOut) {
    checkLength("control", u, CONTROLS);
    if (gradientOut != null) {
      checkLength("gradient", gradientOut, CONTROLS);
      Arrays.fill(gradientOut, 0);
    }
    if (!isFinite(u)) {
      return Rollout.DIVERGED;
    }
    integrator.start(rates, x0, u);
    ReactionTape tape = integrator.tape();
    if (!integrator.advance(PUSH_END, true)) {
      return Rollout.DIVERGED;
    }
    int firstFree = tape.steps;
    if (!integrator.advance(SCORE_START, false)) {
      return Rollout.DIVERGED;
    }
    int firstScored = tape.steps;
    if (!integrator.advance(HORIZON, false)) {
      return Rollout.DIVERGED;
    }
    double span = HORIZON - SCORE_START;
    double deviation = Math.sqrt(squaredDeviation(tape, firstScored, target) / span);
    double size = Math.sqrt(squaredNorm(u) / CONTROLS);
    if (gradientOut != null) {
      if (deviation > 0) {
        double[] byPush = adjoint.walkBack(tape, rates, firstFree, firstScored, target);
        ReactionNetwork.pullBackPush(byPush, gradientOut);
      }
      double byIntegral = deviation > 0 ? 1 / (2 * deviation * span) : 0;
      double byControl = size > 0 ? CONTROL_PRICE / (CONTROLS * size) : 0;
      for (int i = 0; i < CONTROLS; i++) {
        gradientOut[i] = byIntegral * gradientOut[i] + byControl * u[i];
      }
    }
    return new Rollout(deviation + CONTROL_PRICE * size, false);
  }

  /** The integral of {@code (Y - target)²} over the scored steps, by the steps' own quadrature. */
  private static double squaredDeviation(ReactionTape tape, int firstScored, double target) {
    double[] x = tape.states;
    double integral = 0;
    for (int n = firstScored; n < tape.steps; n++) {
      int start = n * STRIDE;
      double d1 = x[start] - target;
      double d2 = x[start + SPECIES] - target;
      double d3 = x[start + 2 * SPECIES] - target;
      integral += tape.lengths[n] * (2 * d1 * d1 + 3 * d2 * d2 + 4 * d3 * d3) / 9;
    }
    return integral;
  }

  private static double squaredNorm(double[] v) {
    double sum = 0;
    for (double each : v) {
      sum += each * each;
    }
    return sum;
  }

  private static boolean isFinite(double[] v) {
    return squaredNorm(v) < Double.POSITIVE_INFINITY;
  }

  private static void check(double[] rates, double[] x0) {
    checkLength("rates", rates, RATES);
    checkLength("state", x0, SPECIES);
    checkSound("rate", rates);
    checkSound("state", x0);
  }

  private static void checkTarget(double target) {
    if (!Double.isFinite(target)) {
      throw new IllegalArgumentException("target " + target + ": expected a finite number");
    }
  }

  private static void checkSound(String what, double[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!(values[i] >= 0 && values[i] < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            what + " " + i + " is " + values[i] + ": expected a finite number, not below 0");
      }
    }
  }

  private static void checkLength(String what, double[] values, int length) {
    if (values.length != length) {
      throw new IllegalArgumentException(
          what + " of " + values.length + " numbers: expected " + length);
    }
  }
}
