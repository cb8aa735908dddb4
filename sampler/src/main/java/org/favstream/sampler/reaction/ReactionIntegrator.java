// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.reaction;

import static org.favstream.sampler.reaction.ReactionNetwork.PUSHED;
import static org.favstream.sampler.reaction.ReactionSystem.SPECIES;
import static org.favstream.sampler.reaction.ReactionTape.STRIDE;

/**
 * Carries a state forward in time: the explicit pair of Bogacki and Shampine (<i>A 3(2) pair of
 * Runge-Kutta formulas</i>, 1989) with adaptive steps, every accepted one kept on a {@link
 * ReactionTape}.
 *
 * <p><b>Zero.</b> A concentration at zero never falls. The push can drive X1..X8 there, and then
 * the rate of change jumps, which a step across it would feel at first order only. So a step that
 * would carry a species below zero is cut where its Hermite cubic gets there; the species is set to
 * zero and held: while held its rate of change is {@code max(0, ·)}, at every stage. Without a push
 * no species falls at zero, and what a step undershoots is raised to zero.
 *
 * <p><b>Stiffness</b> is mild (decays of up to 20 per unit of time) and its size is known from the
 * state, so steps are held within the pair's stability from the start and are hardly ever refused.
 *
 * <p><b>Work is bounded</b>: after {@link #MAX_ATTEMPTS} attempts, or when steps shrink to nothing,
 * it gives up and says so. Only square roots are used to choose steps, so that every JVM takes the
 * same ones.
 */
final class ReactionIntegrator {
  /** Attempts at a step after which a rollout is given up. */
  static final int MAX_ATTEMPTS = 50_000;

  /** The longest step: a longer one could jump over what it has not seen. */
  private static final double LONGEST = 4;

  /** A step this short moves nothing; a time this near is met. */
  private static final double SHORTEST = 1e-13;

  /** Most of the 2.51 to which the pair is stable on the negative axis. */
  private static final double STABLE = 2.4;

  private static final double SAFETY = 0.9;
  private static final double MOST_GROWTH = 4;
  private static final double MOST_SHRINKING = 0.2;

  /** Below this share of the tolerance, errors are taken for this share. */
  private static final double LEAST_ERROR = 1e-4;

  /** A species may end a step this share of the tolerance below zero before it is raised. */
  private static final double UNDERSHOOT = 0.5;

  /** Where a cut step aims: this share of the tolerance below zero. */
  private static final double AIM = 0.25;

  private static final int BISECTIONS = 14;

  private final double tolerance;
  private final double firstStep;
  private final ReactionTape tape = new ReactionTape();
  private final double[] push = new double[PUSHED];
  private final double[] slope2 = new double[SPECIES];
  private final double[] slope3 = new double[SPECIES];
  private double[] slope1 = new double[SPECIES];
  private double[] slope4 = new double[SPECIES];
  private double[] rates = new double[0];
  private int still1;
  private int still2;
  private int still3;
  private int still4;
  private boolean pushed;
  private int held;
  private int attempts;
  private double time;
  private double proposal;
  private double lastError;

  /**
   * Makes one.
   *
   * @param tolerance what the norm of a step's error may be, as a concentration
   */
  ReactionIntegrator(double tolerance) {
    this.tolerance = tolerance;
    this.firstStep = 0.5 * StrictMath.cbrt(tolerance);
  }

  ReactionTape tape() {
    return tape;
  }

  /** Attempts at a step since the start, refused and cut ones among them. */
  int attempts() {
    return attempts;
  }

  /** Starts at time 0. The rates are read, and not copied, until the next start. */
  void start(double[] rates, double[] state, double[] control) {
    this.rates = rates;
    tape.reset(state);
    ReactionNetwork.push(control, push);
    attempts = 0;
    time = 0;
    proposal = firstStep;
    lastError = 1;
  }

  /**
   * Steps until a time, which the last step meets.
   *
   * @param pushed whether the control acts meanwhile
   * @return whether it got there
   */
  boolean advance(double until, boolean pushed) {
    this.pushed = pushed;
    held = pushed ? speciesAtZero(tape.head()) : 0;
    boolean slopeKnown = false;
    while (until - time > SHORTEST) {
      tape.reserve();
      int head = tape.head();
      if (!slopeKnown) {
        still1 = slope(head, slope1);
      }
      double left = until - time;
      double limit = STABLE / ReactionNetwork.fastestDecay(rates, tape.states, head);
      double h = Math.min(Math.min(proposal, limit), LONGEST);
      boolean last = h >= 0.999 * left;
      if (last) {
        h = left;
      } else if (h > 0.5 * left) {
        h = 0.5 * left;
      }
      double accepted = attemptUntilAccepted(h);
      if (accepted == 0) {
        return false;
      }
      time = last && accepted == h ? until : time + accepted;
      slopeKnown = settle(accepted);
    }
    time = until;
    return true;
  }

  /** Attempts steps from the head, shorter and shorter; the length that passed, 0 if none did. */
  private double attemptUntilAccepted(double longest) {
    double h = longest;
    while (attempts < MAX_ATTEMPTS && h > SHORTEST) {
      attempts++;
      double error = attempt(h) / tolerance;
      if (!(error <= 1)) {
        h *= Math.max(MOST_SHRINKING, SAFETY / Math.sqrt(Math.min(error, 1e6)));
        proposal = h;
        continue;
      }
      double kept = shareAboveZero(h);
      if (kept < 1) {
        h *= kept;
        continue;
      }
      propose(h, Math.max(error, LEAST_ERROR));
      return h;
    }
    return 0;
  }

  /** One step from the head of the tape to the next place; returns the norm of its error. */
  private double attempt(double h) {
    double[] x = tape.states;
    int start = tape.head();
    int second = start + SPECIES;
    int third = second + SPECIES;
    int end = start + STRIDE;
    double[] s1 = slope1;
    double[] s4 = slope4;
    double half = 0.5 * h;
    for (int i = 0; i < SPECIES; i++) {
      x[second + i] = x[start + i] + half * s1[i];
    }
    still2 = slope(second, slope2);
    double threeQuarters = 0.75 * h;
    for (int i = 0; i < SPECIES; i++) {
      x[third + i] = x[start + i] + threeQuarters * slope2[i];
    }
    still3 = slope(third, slope3);
    double b1 = h * 2 / 9;
    double b2 = h / 3;
    double b3 = h * 4 / 9;
    for (int i = 0; i < SPECIES; i++) {
      x[end + i] = x[start + i] + (b1 * s1[i] + b2 * slope2[i] + b3 * slope3[i]);
    }
    still4 = slope(end, s4);
    double squares = 0;
    for (int i = 0; i < SPECIES; i++) {
      double error =
          s1[i] * (-5.0 / 72) + slope2[i] * (1.0 / 12) + slope3[i] * (1.0 / 9) - s4[i] * 0.125;
      squares += error * error;
    }
    return h * Math.sqrt(squares);
  }

  /** Rates of change at a state of the tape; returns which held species stand still, as bits. */
  private int slope(int at, double[] slope) {
    ReactionNetwork.change(rates, tape.states, at, slope);
    int still = 0;
    if (pushed) {
      for (int i = 0; i < PUSHED; i++) {
        double change = slope[1 + i] + push[i];
        if (change < 0 && ((held >> i) & 1) != 0) {
          change = 0;
          still |= 1 << i;
        }
        slope[1 + i] = change;
      }
    }
    return still;
  }

  /** The share of an attempted step after which the first species gets below zero; 1 if none. */
  private double shareAboveZero(double h) {
    double[] x = tape.states;
    int start = tape.head();
    int end = start + STRIDE;
    double floor = -UNDERSHOOT * tolerance;
    double share = 1;
    for (int i = 0; i < SPECIES; i++) {
      if (x[end + i] < floor) {
        boolean driven = pushed && i >= 1 && i <= PUSHED && slope1[i] < 0;
        double mine =
            driven ? crossing(x[start + i], h * slope1[i], x[end + i], h * slope4[i]) : 0.5;
        share = Math.min(share, mine);
      }
    }
    return share;
  }

  /** Where on [0, 1] the cubic with these values and slopes at the ends gets to the aim. */
  private double crossing(double from, double fromSlope, double to, double toSlope) {
    double low = 0;
    double high = 1;
    for (int n = 0; n < BISECTIONS; n++) {
      double s = 0.5 * (low + high);
      double r = 1 - s;
      double value =
          r * r * ((1 + 2 * s) * from + s * fromSlope) + s * s * ((3 - 2 * s) * to - r * toSlope);
      if (value > -AIM * tolerance) {
        low = s;
      } else {
        high = s;
      }
    }
    return 0.5 * (low + high);
  }

  /** The next step by a proportional-integral rule: the exponents are 1/4 and 1/8. */
  private void propose(double h, double error) {
    double growth = SAFETY * Math.sqrt(Math.sqrt(Math.sqrt(lastError) / error));
    lastError = error;
    double next = h * Math.max(MOST_SHRINKING, Math.min(MOST_GROWTH, growth));
    // A step cut short for another reason than its error leaves the longer proposal standing.
    proposal = growth >= 1 ? Math.max(proposal, next) : next;
  }

  /** Ends an accepted step on the tape; returns whether the slope at its end is known. */
  private boolean settle(double h) {
    double[] x = tape.states;
    int end = tape.head() + STRIDE;
    int raised = 0;
    for (int i = 0; i < SPECIES; i++) {
      if (x[end + i] < 0) {
        x[end + i] = 0;
        raised |= 1 << i;
      }
    }
    int heldBefore = held;
    if (pushed) {
      held = speciesAtZero(end);
    }
    tape.lengths[tape.steps] = h;
    tape.still[tape.steps] = still1 | (still2 << PUSHED) | (still3 << (2 * PUSHED));
    tape.raised[tape.steps] = raised;
    tape.steps++;
    double[] free = slope1;
    slope1 = slope4;
    slope4 = free;
    still1 = still4;
    return raised == 0 && held == heldBefore;
  }

  /** Which of X1..X8 are at zero, as bits from 0. */
  private int speciesAtZero(int at) {
    int bits = 0;
    for (int i = 0; i < PUSHED; i++) {
      if (tape.states[at + 1 + i] <= 0) {
        bits |= 1 << i;
      }
    }
    return bits;
  }
}
