// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.critic;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class CriticPacingTest {
  private static final Instant START = Instant.EPOCH;

  private final CriticPacing pacing = new CriticPacing(2, 3, Duration.ofSeconds(5));

  /** Updates that may be done one after the other, from so many on. */
  private long due(long updates, Instant now) {
    long done = updates;
    while (done < updates + 1000 && pacing.mayUpdate(done, now)) {
      done++;
    }
    return done - updates;
  }

  @Test
  void shouldWaitWhenThereIsNoPolicy() {
    assertThat(due(0, START)).isZero();
  }

  @Test
  void shouldBeAheadByWhatMayBeUnderWay() {
    pacing.onPolicy(0, 0, START);
    assertThat(due(0, START)).isEqualTo(3);
  }

  @Test
  void shouldFollowTheStepsOfTheLearner() {
    pacing.onPolicy(0, 0, START);
    pacing.onPolicy(4, 3, START.plusSeconds(1));
    assertThat(due(3, START.plusSeconds(1))).isEqualTo(8);
  }

  @Test
  void shouldGoOnFromWhereItIsWhenItBeginsWithLaterNumbers() {
    pacing.onPolicy(700, 1_500, START);
    assertThat(due(1_500, START)).isEqualTo(3);
  }

  @Test
  void shouldSendMoreWhenNothingComesOfWhatIsUnderWay() {
    pacing.onPolicy(0, 0, START);
    assertThat(due(0, START)).isEqualTo(3);
    assertThat(due(3, START.plusSeconds(5))).isZero();
    assertThat(due(3, START.plusSeconds(6))).isEqualTo(3);
    assertThat(due(6, START.plusSeconds(7))).isZero(); // patience begins anew
  }

  @Test
  void shouldNotWaitForWhatItHasDoneWhenTheLearnerFallsBack() {
    pacing.onPolicy(0, 0, START);
    pacing.onPolicy(100, 200, START.plusSeconds(1));
    pacing.onPolicy(40, 203, START.plusSeconds(2));
    assertThat(due(203, START.plusSeconds(2))).isEqualTo(3);
  }
}
