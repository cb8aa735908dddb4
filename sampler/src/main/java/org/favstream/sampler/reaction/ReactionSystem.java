// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.reaction;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * One of the twelve reaction systems: a number and the ten rates that tell it from the others. The
 * network of reactions and the way in which a control pushes it are common to all.
 *
 * <p>Systems 3, 4, 7 and 8 have the rates of 1, 2, 5 and 6.
 */
public final class ReactionSystem {
  /** Concentrations in a state: {@code Y, X1..X14}. */
  public static final int SPECIES = 15;

  /** Reactions, and so rates {@code k0..k9}, in 1/time. */
  public static final int RATES = 10;

  /** Numbers in a control. */
  public static final int CONTROLS = 8;

  /** A control's numbers lie within ± this. */
  public static final double CONTROL_LIMIT = 10;

  /** Time from which the yield is scored. */
  public static final double SCORE_START = 40;

  /** Time at which a rollout ends. */
  public static final double HORIZON = 80;

  /**
   * Time until which the control acts: the end of the third interval of the grid {@code
   * exp(linspace(0, ln 81, 20)) - 1}.
   */
  public static final double PUSH_END = StrictMath.pow(HORIZON + 1, 3.0 / 19.0) - 1;

  /** How a system's targets come about. */
  enum Targets {
    /** The yield at the horizon under {@code (0, 0, 0, 0, c, c, -c, -c)}, 3 ≤ |c| ≤ 6. */
    PUSH_PULL,
    /** The yield at the horizon under controls N(0, 2²). */
    NORMAL_CONTROL,
    /** Uniform in 0 to 2.5, reachable or not. */
    UNIFORM
  }

  private static final List<ReactionSystem> ALL =
      List.of(
          pushPull(1, .1, .1, .05, .05, .1, .05, .1, .05, .05, .05),
          pushPull(2, .05, .05, .1, .1, .05, .1, .05, .1, .05, .05),
          pushPull(3, .1, .1, .05, .05, .1, .05, .1, .05, .05, .05),
          pushPull(4, .05, .05, .1, .1, .05, .1, .05, .1, .05, .05),
          pushPull(5, .5, .5, .7, .7, .5, .7, .5, .7, .05, .05),
          pushPull(6, .7, .7, .5, .5, .7, .5, .7, .5, .05, .05),
          pushPull(7, .5, .5, .7, .7, .5, .7, .5, .7, .05, .05),
          pushPull(8, .7, .7, .5, .5, .7, .5, .7, .5, .05, .05),
          uniform(9, .5, .05, .5, .05, .7, .1, .7, .1, .0125, .05),
          uniform(10, .7, .05, .7, .1, .5, .1, .5, .05, .0125, .05),
          normal(
              11, .32510660, .41609735, .20003431, .29069977, .24402677, .22770158, .25587806,
              .30366822, .0125, .05),
          normal(
              12, .31903024, .36164502, .32575835, .40556585, .26133567, .46343523, .20821628,
              .40114025, .0125, .05));

  private final int number;
  private final Targets targets;
  private final double[] rates;

  private ReactionSystem(int number, Targets targets, double[] rates) {
    this.number = number;
    this.targets = targets;
    this.rates = rates;
  }

  private static ReactionSystem pushPull(int number, double... rates) {
    return new ReactionSystem(number, Targets.PUSH_PULL, rates);
  }

  private static ReactionSystem uniform(int number, double... rates) {
    return new ReactionSystem(number, Targets.UNIFORM, rates);
  }

  private static ReactionSystem normal(int number, double... rates) {
    return new ReactionSystem(number, Targets.NORMAL_CONTROL, rates);
  }

  /** All twelve, in the order of their numbers. */
  public static List<ReactionSystem> all() {
    return ALL;
  }

  /**
   * The system of a number.
   *
   * @param number 1 to 12
   * @throws IllegalArgumentException if there is no such system
   */
  public static ReactionSystem of(int number) {
    if (number < 1 || number > ALL.size()) {
      throw new IllegalArgumentException(
          "no reaction system " + number + ": expected 1 to " + ALL.size());
    }
    return ALL.get(number - 1);
  }

  /** The systems of these numbers. */
  public static List<ReactionSystem> list(int... numbers) {
    return Arrays.stream(numbers).mapToObj(ReactionSystem::of).toList();
  }

  /** Its number, 1 to 12. */
  public int number() {
    return number;
  }

  /** Its rates {@code k0..k9}, in 1/time; a copy. */
  public double[] rates() {
    return rates.clone();
  }

  Targets targets() {
    return targets;
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "system_%02d", number);
  }
}
