// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.favstream.protocol.Evaluation;
import org.junit.jupiter.api.Test;

class OverOptimisationTest {
  private final OverOptimisation watch =
      new OverOptimisation(new GoldWatch.Settings(16, 2, 2, 0.5, false));
  private long version;

  private Optional<String> reads(long activation, double proxy, double gold) {
    return reads(activation, proxy, gold, Map.of());
  }

  /** A reading with what the active reward says now of an earlier one, which had this gold. */
  private Optional<String> asks(
      long activation, double bestGold, double bestProxy, double proxy, double gold) {
    return reads(
        activation, proxy, gold, Map.of("watch.bestGold", bestGold, "watch.bestProxy", bestProxy));
  }

  private Optional<String> reads(
      long activation, double proxy, double gold, Map<String, Double> more) {
    Map<String, Double> metrics = new HashMap<>(more);
    metrics.put("watch.activation", (double) activation);
    metrics.put("watch.proxy", proxy);
    metrics.put("watch.gold", gold);
    metrics.put("watch.goldStd", 1.0);
    return watch.on(new Evaluation("run", ++version, 10 * version, metrics));
  }

  @Test
  void shouldTellOnceWhenGoldFallsWhileTheRewardRises() {
    assertThat(reads(0, 1, 1)).isEmpty();
    assertThat(reads(0, 2, 2)).isEmpty();
    assertThat(reads(0, 3, 1.4)).isEmpty(); // the first that is worse
    assertThat(reads(0, 4, 1.2))
        .contains(
            "the gold reward fell from 2.0000 at version 2 to 1.2000 at version 4, while the active reward rose from 2.0000 to 4.0000");
    assertThat(reads(0, 5, 1)).isEmpty();
  }

  @Test
  void shouldSayNothingOfAFallWithinTheNoise() {
    assertThat(reads(0, 1, 2)).isEmpty();
    for (int i = 0; i < 5; i++) {
      assertThat(reads(0, 2, 1.6)).isEmpty();
    }
  }

  @Test
  void shouldSayNothingWhereBothFall() {
    assertThat(reads(0, 3, 2)).isEmpty();
    for (int i = 0; i < 5; i++) {
      assertThat(reads(0, 2, 1)).isEmpty();
    }
  }

  @Test
  void shouldCountWorseReadingsInARowAlone() {
    assertThat(reads(0, 1, 2)).isEmpty();
    assertThat(reads(0, 2, 1)).isEmpty();
    assertThat(reads(0, 2, 1.9)).isEmpty();
    assertThat(reads(0, 2, 1)).isEmpty();
    assertThat(reads(0, 2, 1)).isPresent();
  }

  @Test
  void shouldBeginAnewWhenAnotherRewardIsActivated() {
    assertThat(reads(0, 1, 2)).isEmpty();
    assertThat(reads(0, 2, 1)).isEmpty();
    assertThat(reads(1, 7, 1)).isEmpty();
    assertThat(reads(1, 8, 0.9)).isEmpty();
    assertThat(reads(1, 8, 0.4)).isEmpty();
    assertThat(reads(1, 8, 0.4)).isPresent();
  }

  @Test
  void shouldTellOfAFallThatIsOverByTheFirstReading() {
    assertThat(reads(0, 1, 2)).isEmpty();
    assertThat(asks(1, 2, 5, 9, 1)).isEmpty();
    assertThat(reads(1, 9, 1))
        .contains(
            "the gold reward fell from 2.0000 at version 1 to 1.0000 at version 3, while the active reward rose from 5.0000 to 9.0000");
  }

  @Test
  void shouldSayNothingWhereTheNewRewardFellTooSinceTheReadingBefore() {
    assertThat(reads(0, 1, 2)).isEmpty();
    assertThat(asks(1, 2, 9, 8, 1)).isEmpty();
    assertThat(reads(1, 8, 1)).isEmpty();
  }

  @Test
  void shouldNotCompareWithTheReadingBeforeWhereTheNewRewardWasNotAsked() {
    assertThat(reads(0, 1, 2)).isEmpty();
    assertThat(reads(1, 9, 1)).isEmpty();
    assertThat(reads(1, 9, 1)).isEmpty();
    assertThat(reads(1, 9, 1)).isEmpty();
  }

  @Test
  void shouldTellWhereCriticsLikeEverythingLessButTheWorsePolicyStillMore() {
    assertThat(reads(0, 5, 2)).isEmpty();
    assertThat(asks(0, 2, 1, 3, 1)).isEmpty();
    assertThat(asks(0, 2, 0, 2, 1))
        .contains(
            "the gold reward fell from 2.0000 at version 1 to 1.0000 at version 3, while the active reward rose from 0.0000 to 2.0000");
  }

  @Test
  void shouldSayNothingWhereCriticsLikeEverythingMoreButTheBetterPolicyStillMore() {
    assertThat(reads(0, 5, 2)).isEmpty();
    for (int i = 0; i < 5; i++) {
      assertThat(asks(0, 2, 9, 8, 1)).isEmpty();
    }
  }

  /** As an evaluator that began anew does, whose best is not that of the log. */
  @Test
  void shouldPassOverWhatWasAskedOfAnotherReading() {
    assertThat(reads(0, 5, 2)).isEmpty();
    for (int i = 0; i < 5; i++) {
      assertThat(asks(0, 1.5, 1, 3, 1)).isEmpty();
    }
  }

  @Test
  void shouldSayNothingOfAReadingWithoutAWatch() {
    assertThat(watch.on(new Evaluation("run", 1, 1, Map.of("kl", 0.1)))).isEmpty();
  }
}
