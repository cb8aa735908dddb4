// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.favstream.protocol.RewardVersion;
import org.favstream.reward.model.RewardModel;
import org.junit.jupiter.api.Test;

class ShadowFiguresTest {
  private static final RewardVersion ACTIVE = new RewardVersion("active", 1);
  private static final RewardVersion NEXT = new RewardVersion("next", 1);

  private final ShadowFigures figures = new ShadowFigures(ACTIVE);

  private void add(long activation, RewardVersion active, long counter, float factor) {
    RewardModel.Block block = GroupScorer.block(Groups.group(counter));
    figures.add(activation, active, block, Groups.sums(block, 1), Groups.sums(block, factor));
  }

  @Test
  void shouldSayThatNothingWasSeenYet() {
    ObjectNode json = figures.toJson();
    assertThat(json.path("scored").asLong()).isZero();
    assertThat(json.path("rank").isNull()).isTrue();
    assertThat(json.path("against").asText()).isEqualTo("active@1");
  }

  @Test
  void shouldCompareWhatItSaw() {
    add(0, ACTIVE, 1, 3);
    add(0, ACTIVE, 2, 3);
    figures.skip(7);
    figures.fail("it has had enough");
    figures.fail("again");
    ObjectNode json = figures.toJson();
    assertThat(json.path("particles").asInt()).isEqualTo(8);
    assertThat(json.path("stdRatio").asDouble()).isCloseTo(3, within(1e-6));
    assertThat(json.path("skipped").asInt()).isEqualTo(7);
    assertThat(json.path("failed").asInt()).isEqualTo(2);
    assertThat(json.path("firstFault").asText()).isEqualTo("it has had enough");
  }

  @Test
  void shouldBeginAnewWhenAnotherRewardIsActiveAndDropWhatIsOlder() {
    add(0, ACTIVE, 1, 3);
    add(1, NEXT, 2, -1);
    add(0, ACTIVE, 3, 3);
    ObjectNode json = figures.toJson();
    assertThat(json.path("against").asText()).isEqualTo("next@1");
    assertThat(json.path("groups").asInt()).isEqualTo(1);
    assertThat(json.path("rank").asDouble()).isEqualTo(-1);
    assertThat(json.path("scored").asInt()).isEqualTo(2);
  }

  @Test
  void shouldLookBackOnABoundedNumberOfParticles() {
    int groups = ShadowFigures.WINDOW / 4 + 10;
    for (int counter = 0; counter < groups; counter++) {
      add(0, ACTIVE, counter, 2);
    }
    ObjectNode json = figures.toJson();
    assertThat(json.path("particles").asInt()).isEqualTo(ShadowFigures.WINDOW);
    assertThat(json.path("scored").asInt()).isEqualTo(groups);
  }

  @Test
  void shouldTakeAShareThatFollowsFromWhereGroupsStand() {
    int tenth = 0;
    for (int partition = 0; partition < 16; partition++) {
      for (long offset = 0; offset < 5_000; offset++) {
        double place = Shadows.place(partition, offset);
        assertThat(place)
            .isBetween(0.0, Math.nextDown(1.0))
            .isEqualTo(Shadows.place(partition, offset));
        tenth += place < 0.1 ? 1 : 0;
      }
    }
    assertThat(tenth / 80_000.0).isCloseTo(0.1, within(0.005));
  }
}
