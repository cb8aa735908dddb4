// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.backtest;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.favstream.actors.config.JobConfig;

/**
 * Conditions that a backtest must meet, all of them; a figure that could not be had meets none.
 *
 * @param conditions none lets everything pass
 */
public record Gate(List<Condition> conditions) {

  /** The figures that a condition can be about; {@code grad-cosine} in a text. */
  public enum Metric {
    RANK,
    RANK_WITHIN,
    MEAN_SHIFT,
    STD_RATIO,
    GRAD_COSINE,
    GRAD_COSINE_Q05,
    NON_FINITE;

    /** The figure in a result. */
    public double of(BacktestResult result) {
      return switch (this) {
        case RANK -> result.rank();
        case RANK_WITHIN -> result.rankWithin();
        case MEAN_SHIFT -> result.meanShift();
        case STD_RATIO -> result.stdRatio();
        case GRAD_COSINE -> result.gradCosine();
        case GRAD_COSINE_Q05 -> result.gradCosineQ05();
        case NON_FINITE -> result.nonFinite();
      };
    }

    @Override
    public String toString() {
      return JobConfig.nameOf(this);
    }
  }

  /** How a figure stands to a bound. */
  public enum Operator {
    AT_LEAST(">="),
    AT_MOST("<="),
    ABOVE(">"),
    BELOW("<");

    private final String sign;

    Operator(String sign) {
      this.sign = sign;
    }

    boolean holds(double value, double bound) {
      return switch (this) {
        case AT_LEAST -> value >= bound;
        case AT_MOST -> value <= bound;
        case ABOVE -> value > bound;
        case BELOW -> value < bound;
      };
    }

    @Override
    public String toString() {
      return sign;
    }
  }

  /**
   * One condition.
   *
   * @param bound finite
   */
  public record Condition(Metric metric, Operator operator, double bound) {
    public Condition {
      if (!Double.isFinite(bound)) {
        throw new IllegalArgumentException(
            "gate: %s%s%s: expected a finite number".formatted(metric, operator, bound));
      }
    }

    @Override
    public String toString() {
      return "%s%s%s".formatted(metric, operator, bound);
    }
  }

  /**
   * A condition that is not met.
   *
   * @param value of its figure; NaN where it could not be had
   */
  public record Failure(Condition condition, double value) {
    @Override
    public String toString() {
      return "%s is %s, expected %s%s"
          .formatted(condition.metric(), value, condition.operator(), condition.bound());
    }
  }

  /**
   * What a gate says of a result.
   *
   * @param failures all conditions that are not met, in the gate's order
   */
  public record Verdict(List<Failure> failures) {
    public Verdict {
      failures = List.copyOf(failures);
    }

    /** Whether all conditions are met. */
    public boolean passed() {
      return failures.isEmpty();
    }

    /** In a line. */
    @Override
    public String toString() {
      return passed()
          ? "passed"
          : failures.stream().map(Failure::toString).collect(Collectors.joining("; "));
    }
  }

  private static final Pattern CONDITION = Pattern.compile("([\\w-]*)\\s*([^\\w\\s.+-]*)\\s*(.*)");

  public Gate {
    conditions = List.copyOf(conditions);
  }

  /**
   * As a configuration writes it.
   *
   * @param text conditions with commas between them, such as {@code rank>=0.5,grad-cosine>=0};
   *     empty for none
   * @throws IllegalArgumentException where one is none, naming it and all that there are
   */
  public static Gate parse(String text) {
    if (text.isBlank()) {
      return new Gate(List.of());
    }
    return new Gate(
        Arrays.stream(text.split(",", -1)).map(String::strip).map(Gate::condition).toList());
  }

  private static Condition condition(String text) {
    Matcher parts = CONDITION.matcher(text);
    if (!parts.matches()) { // only a line break can do that
      throw new IllegalArgumentException("gate: got '%s', expected one line".formatted(text));
    }
    return new Condition(
        oneOf(Metric.values(), parts.group(1), text, "metric"),
        oneOf(Operator.values(), parts.group(2), text, "operator"),
        number(parts.group(3), text));
  }

  private static <E extends Enum<E>> E oneOf(E[] all, String name, String text, String what) {
    return Arrays.stream(all)
        .filter(one -> one.toString().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "gate: '%s': got %s '%s', expected one of %s"
                        .formatted(
                            text,
                            what,
                            name,
                            Arrays.stream(all)
                                .map(Enum::toString)
                                .collect(Collectors.joining(", ")))));
  }

  private static double number(String number, String text) {
    try {
      return Double.parseDouble(number);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "gate: '%s': got '%s', expected a number, such as in rank>=0.5".formatted(text, number),
          e);
    }
  }

  /** Whether a result may pass, and where not, why. */
  public Verdict verdict(BacktestResult result) {
    return new Verdict(
        conditions.stream()
            .map(condition -> new Failure(condition, condition.metric().of(result)))
            .filter(
                tried ->
                    !tried.condition().operator().holds(tried.value(), tried.condition().bound()))
            .toList());
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    return conditions.stream().map(Condition::toString).collect(Collectors.joining(","));
  }
}
