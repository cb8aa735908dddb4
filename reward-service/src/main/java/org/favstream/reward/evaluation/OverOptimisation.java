// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.evaluation;

import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.favstream.protocol.Evaluation;
import org.jspecify.annotations.Nullable;

/**
 * Tells when a generator exploits its reward: the gold reward has fallen from its best, in several
 * readings in a row, while the active reward is higher than it was at that best; or, where the
 * active reward has learned since and was asked again of the particles of that best, higher than it
 * is for those. Readings of one activation are compared with each other, and with the last one
 * before it, of which the new reward was asked as well: else a fall that is over by the first
 * reading would not be seen. It tells once an activation.
 */
public final class OverOptimisation {
  private record Reading(long version, double proxy, double gold, double goldStd) {
    /** With what the active reward says of it now, where it was asked of this one. */
    @Nullable Reading asked(Map<String, Double> metrics) {
      Double proxyNow = metrics.get(GoldWatch.BEST_PROXY);
      boolean ofThis = Objects.equals(metrics.get(GoldWatch.BEST_GOLD), gold);
      return proxyNow == null || !ofThis ? null : new Reading(version, proxyNow, gold, goldStd);
    }
  }

  private final GoldWatch.Settings settings;
  private long activation = -1;
  private @Nullable Reading last;
  private @Nullable Reading best;
  private int worse;
  private boolean told;

  /** Nothing was read yet. */
  public OverOptimisation(GoldWatch.Settings settings) {
    this.settings = settings;
  }

  /**
   * The next reading, in the order of the versions; one without a watch's metrics says nothing.
   *
   * @return what is wrong, for people; empty where nothing is, or it was told already
   */
  public Optional<String> on(Evaluation evaluation) {
    Map<String, Double> metrics = evaluation.metrics();
    Double number = metrics.get(GoldWatch.ACTIVATION);
    Double proxy = metrics.get(GoldWatch.PROXY);
    Double gold = metrics.get(GoldWatch.GOLD);
    Double goldStd = metrics.get(GoldWatch.GOLD_STD);
    if (number == null || proxy == null || gold == null || goldStd == null) {
      return Optional.empty();
    }
    Reading before = last;
    Reading now = new Reading(evaluation.version(), proxy, gold, goldStd);
    last = now;
    if (number.longValue() != activation) {
      activation = number.longValue();
      best = before == null ? null : before.asked(metrics);
      worse = 0;
      told = false;
    }
    Reading top = best;
    Reading asked = top == null ? null : top.asked(metrics);
    if (asked != null) {
      top = asked;
    }
    if (top == null || now.gold() > top.gold()) {
      best = now;
      worse = 0;
      return Optional.empty();
    }
    boolean exploited =
        now.gold() < top.gold() - settings.fall() * top.goldStd() && now.proxy() > top.proxy();
    worse = exploited ? worse + 1 : 0;
    if (told || worse < settings.patience()) {
      return Optional.empty();
    }
    told = true;
    return Optional.of(
        String.format(
            Locale.ROOT,
            "the gold reward fell from %.4f at version %d to %.4f at version %d, while the active reward rose from %.4f to %.4f",
            top.gold(),
            top.version(),
            now.gold(),
            now.version(),
            top.proxy(),
            now.proxy()));
  }
}
