// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.evaluation;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.favstream.protocol.Evaluation;
import org.jspecify.annotations.Nullable;

/**
 * Tells when a generator exploits its reward: the gold reward has fallen from its best, in several
 * readings in a row, while the active reward is higher than it was at that best. Readings of one
 * activation are compared with each other, and with the last one before it, of which the new reward
 * was asked as well: else a fall that is over by the first reading would not be seen. It tells once
 * an activation.
 */
public final class OverOptimisation {
  private record Reading(long version, double proxy, double gold, double goldStd) {
    Reading with(double otherProxy) {
      return new Reading(version, otherProxy, gold, goldStd);
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
      Double proxyBefore = metrics.get(GoldWatch.PROXY_BEFORE);
      best = before == null || proxyBefore == null ? null : before.with(proxyBefore);
      worse = 0;
      told = false;
    }
    Reading top = best;
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
