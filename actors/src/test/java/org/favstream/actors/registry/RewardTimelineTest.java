// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.favstream.protocol.RegistryEvent;
import org.favstream.protocol.RewardVersion;
import org.junit.jupiter.api.Test;

class RewardTimelineTest {
  private static final RewardVersion OWN = new RewardVersion("own", 1);
  private static final RewardVersion NEW = new RewardVersion("new", 1);
  private static final RewardVersion OTHER = new RewardVersion("other", 1);

  private final RewardTimeline begun = RewardTimeline.of(OWN);

  private static RegistryEvent activated(RewardVersion reward, long number, Map<Integer, Long> at) {
    return activated(reward, number, at, 0);
  }

  private static RegistryEvent activated(
      RewardVersion reward, long number, Map<Integer, Long> at, long blendMillis) {
    return new RegistryEvent.Activated(
        new RegistryEvent.Origin("run", 10_000, "alice"),
        reward,
        number,
        at,
        blendMillis,
        false,
        "");
  }

  @Test
  void shouldGiveEveryGroupTheJobsOwnRewardWhenNothingWasActivated() {
    assertThat(begun.at(3, 0).reward()).isEqualTo(OWN);
    assertThat(begun.at(3, 1_000_000).reward()).isEqualTo(OWN);
    assertThat(begun.changedSince(0, 3)).isEqualTo(Long.MAX_VALUE);
    assertThat(begun.before(begun.current())).isEmpty();
  }

  @Test
  void shouldGiveGroupsFromTheFenceOnTheNewReward() {
    RewardTimeline timeline = begun.with(activated(NEW, 1, Map.of(0, 90L, 1, 7L)));
    assertThat(timeline.at(0, 89).reward()).isEqualTo(OWN);
    assertThat(timeline.at(0, 90).reward()).isEqualTo(NEW);
    assertThat(timeline.at(1, 7).reward()).isEqualTo(NEW);
    assertThat(timeline.current().number()).isEqualTo(1);
    assertThat(timeline.before(timeline.current()).orElseThrow().reward()).isEqualTo(OWN);
  }

  @Test
  void shouldLetTheFirstOfTwoActivationsAtOnceCount() {
    RewardTimeline timeline =
        begun
            .with(activated(NEW, 1, Map.of(0, 90L)))
            .with(activated(OTHER, 1, Map.of(0, 80L)))
            .with(activated(OTHER, 3, Map.of(0, 80L)));
    assertThat(timeline.current().reward()).isEqualTo(NEW);
    assertThat(timeline.at(0, 85).reward()).isEqualTo(OWN);
  }

  @Test
  void shouldGoBackToTheOldestFenceThatWasNotKnown() {
    RewardTimeline timeline =
        begun
            .with(activated(NEW, 1, Map.of(0, 50L)))
            .with(activated(OTHER, 2, Map.of(0, 70L)))
            .with(activated(OWN, 3, Map.of(0, 70L)));
    assertThat(timeline.changedSince(0, 0)).isEqualTo(50);
    assertThat(timeline.changedSince(1, 0)).isEqualTo(70);
    assertThat(timeline.changedSince(3, 0)).isEqualTo(Long.MAX_VALUE);
    // A stretch of no length: its groups are the next one's.
    assertThat(timeline.at(0, 70).number()).isEqualTo(3);
    assertThat(timeline.at(0, 69).number()).isEqualTo(1);
  }

  @Test
  void shouldLetARewardComeInOverItsBlend() {
    RewardTimeline timeline = begun.with(activated(NEW, 1, Map.of(), 4_000));
    assertThat(timeline.current().weight(9_000)).isZero();
    assertThat(timeline.current().weight(11_000)).isEqualTo(0.25);
    assertThat(timeline.current().weight(20_000)).isEqualTo(1);
    assertThat(begun.current().weight(0)).isEqualTo(1);
  }
}
