// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How an ensemble takes its members' rewards of one particle together.
 *
 * @param kind which statistic
 * @param caution {@code K} of {@link Kind#LCB}, at least 0; 0 with the others
 */
public record Aggregate(Kind kind, double caution) {

  /** The statistics that there are. */
  public enum Kind {
    /** Their mean. */
    MEAN,
    /** The least of them: no member is outvoted. */
    MIN,
    /** A lower confidence bound, {@code mean - K · std}: less where they disagree. */
    LCB
  }

  private static final Pattern LCB = Pattern.compile("lcb:(.*)");

  /** Refuses a caution that is none. */
  public Aggregate {
    if (!(caution >= 0 && Double.isFinite(caution)) || (kind != Kind.LCB && caution != 0)) {
      throw new IllegalArgumentException(
          "aggregate %s: caution %s: expected a finite number, at least 0, of lcb alone"
              .formatted(kind, caution));
    }
  }

  /**
   * As a configuration writes it.
   *
   * @param text {@code mean}, {@code min}, or {@code lcb:K} with K at least 0, such as {@code
   *     lcb:1.5}
   * @throws IllegalArgumentException where it is none of them
   */
  public static Aggregate parse(String text) {
    if (text.equals("mean")) {
      return new Aggregate(Kind.MEAN, 0);
    }
    if (text.equals("min")) {
      return new Aggregate(Kind.MIN, 0);
    }
    Matcher matcher = LCB.matcher(text);
    if (matcher.matches()) {
      try {
        return new Aggregate(Kind.LCB, Double.parseDouble(matcher.group(1)));
      } catch (IllegalArgumentException e) {
        throw refused(text, e);
      }
    }
    throw refused(text, null);
  }

  private static IllegalArgumentException refused(String text, @Nullable Throwable cause) {
    return new IllegalArgumentException(
        "aggregate: got '%s', expected mean, min, or lcb:K with a number K of at least 0, such as lcb:1.5"
            .formatted(text),
        cause);
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    return switch (kind) {
      case MEAN -> "mean";
      case MIN -> "min";
      case LCB -> "lcb:" + caution;
    };
  }
}
