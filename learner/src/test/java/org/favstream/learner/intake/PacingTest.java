// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.favstream.learner.intake.Groups.key;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.favstream.protocol.GroupId;
import org.favstream.protocol.Lease;
import org.junit.jupiter.api.Test;

class PacingTest {
  private static final Instant START = Instant.ofEpochSecond(1_000);
  private static final Duration LEASE = Duration.ofSeconds(5);

  private static Pacing pacing(int maxLag, int groupsPerVersion) {
    return new Pacing(
        new Pacing.Settings(maxLag, groupsPerVersion, LEASE), 0, Map.of(), Map.of(), START);
  }

  private static void lease(Pacing pacing, String sampler, long applied, long emitted) {
    pacing.onLease(new Lease(Groups.RUN, sampler, 0, applied, emitted), START);
  }

  private static Map<String, Long> granted(Pacing pacing, Instant now) {
    pacing.grant(now);
    return pacing.granted();
  }

  /** A group comes in and goes into a step. */
  private static void train(Pacing pacing, String sampler, long counter, long version) {
    pacing.onReceived(key(sampler), counter, version);
    pacing.onConsumed(key(sampler), true);
  }

  @Test
  void shouldGrantNothingWhileNobodyIsAlive() {
    Pacing pacing = pacing(1, 4);
    assertThat(pacing.grant(START)).isEmpty();
    assertThat(pacing.liveSamplers()).isZero();
    assertThat(pacing.granted()).isEmpty();
  }

  @Test
  void shouldGrantWhatTheBoundAllowsInEqualShares() {
    Pacing pacing = pacing(1, 4);
    lease(pacing, "a", 0, 0);
    lease(pacing, "b", 0, 0);
    assertThat(pacing.grant(START)).contains(Map.of(key("a"), 4L, key("b"), 4L));
    assertThat(pacing.liveSamplers()).isEqualTo(2);

    Pacing three = pacing(1, 4);
    lease(three, "a", 0, 0);
    lease(three, "b", 0, 0);
    lease(three, "c", 0, 0);
    assertThat(granted(three, START).values()).containsExactlyInAnyOrder(3L, 3L, 2L);
  }

  @Test
  void shouldGrantAVersionAloneInLockStep() {
    Pacing pacing = pacing(0, 3);
    lease(pacing, "a", 0, 0);
    assertThat(pacing.grant(START)).contains(Map.of(key("a"), 3L));
    for (int counter = 0; counter < 3; counter++) {
      train(pacing, "a", counter, 0);
      assertThat(pacing.grant(START)).isEmpty();
    }
    pacing.onPublished();
    assertThat(pacing.grant(START)).contains(Map.of(key("a"), 6L));
  }

  @Test
  void shouldSayNothingWhereNothingHasChanged() {
    Pacing pacing = pacing(1, 4);
    lease(pacing, "a", 0, 0);
    assertThat(pacing.grant(START)).isPresent();
    assertThat(pacing.grant(START)).isEmpty();
    lease(pacing, "a", 0, 5);
    assertThat(pacing.grant(START)).isEmpty();
  }

  @Test
  void shouldTopUpAtAPublicationAndNotWithinAVersion() {
    Pacing pacing = pacing(1, 2);
    lease(pacing, "a", 0, 0);
    assertThat(granted(pacing, START)).isEqualTo(Map.of(key("a"), 4L));
    train(pacing, "a", 0, 0);
    train(pacing, "a", 1, 0);
    assertThat(granted(pacing, START)).isEqualTo(Map.of(key("a"), 4L));
    pacing.onPublished();
    assertThat(granted(pacing, START)).isEqualTo(Map.of(key("a"), 6L));
  }

  @Test
  void shouldFreeTheCreditOfARefusedGroupAtOnce() {
    Pacing pacing = pacing(1, 2);
    lease(pacing, "a", 0, 0);
    granted(pacing, START);
    pacing.onReceived(key("a"), 0, 0);
    assertThat(granted(pacing, START)).isEqualTo(Map.of(key("a"), 4L));
    pacing.onConsumed(key("a"), false);
    assertThat(granted(pacing, START)).isEqualTo(Map.of(key("a"), 5L));
  }

  @Test
  void shouldFreeTheCreditsOfGroupsThatNeverCame() {
    Pacing pacing = pacing(1, 2);
    lease(pacing, "a", 0, 0);
    granted(pacing, START);
    pacing.onReceived(key("a"), 3, 0);
    assertThat(granted(pacing, START)).isEqualTo(Map.of(key("a"), 7L));
  }

  @Test
  void shouldGiveALateJoinerWhatGetsFree() {
    Pacing pacing = pacing(1, 4);
    lease(pacing, "a", 0, 0);
    assertThat(granted(pacing, START)).isEqualTo(Map.of(key("a"), 8L));
    lease(pacing, "b", 0, 0);
    assertThat(pacing.grant(START)).isEmpty();
    for (int counter = 0; counter < 4; counter++) {
      train(pacing, "a", counter, 0);
    }
    pacing.onPublished();
    assertThat(granted(pacing, START)).isEqualTo(Map.of(key("a"), 8L, key("b"), 4L));
  }

  @Test
  void shouldPassOnTheCreditsOfASamplerThatIsGoneButNotThoseOfItsGroupsThatAreHere() {
    Pacing pacing = pacing(1, 4);
    lease(pacing, "a", 0, 0);
    granted(pacing, START);
    pacing.onReceived(key("a"), 0, 0);
    pacing.onReceived(key("a"), 1, 0);
    Instant later = START.plus(LEASE);
    pacing.onLease(new Lease(Groups.RUN, "b", 0, 0, 0), later);
    assertThat(pacing.grant(later)).describedAs("within its lease").isEmpty();
    assertThat(pacing.liveSamplers()).isEqualTo(2);

    Instant gone = later.plusMillis(1);
    assertThat(granted(pacing, gone)).isEqualTo(Map.of(key("a"), 8L, key("b"), 6L));
    assertThat(pacing.liveSamplers()).isEqualTo(1);
    pacing.onConsumed(key("a"), false);
    assertThat(granted(pacing, gone)).isEqualTo(Map.of(key("a"), 8L, key("b"), 7L));
    pacing.onConsumed(key("a"), false);
    assertThat(granted(pacing, gone)).isEqualTo(Map.of(key("b"), 8L));
  }

  @Test
  void shouldCountASamplerAgainWhenItsLeaseComesBack() {
    Pacing pacing = pacing(0, 2);
    lease(pacing, "a", 0, 0);
    granted(pacing, START);
    Instant gone = START.plus(LEASE).plusMillis(1);
    pacing.grant(gone);
    assertThat(pacing.liveSamplers()).isZero();
    pacing.onLease(new Lease(Groups.RUN, "a", 0, 0, 1), gone);
    assertThat(pacing.liveSamplers()).isEqualTo(1);
    assertThat(pacing.grant(gone)).describedAs("it still has both credits").isEmpty();
    assertThat(pacing.granted()).isEqualTo(Map.of(key("a"), 2L));
  }

  @Test
  void shouldGrantNoMoreToAnIncarnationThatWasSucceeded() {
    Pacing pacing = pacing(1, 2);
    lease(pacing, "a", 0, 0);
    granted(pacing, START);
    String successor = new GroupId("a", 1, 0).key();
    pacing.onLease(new Lease(Groups.RUN, "a", 1, 0, 0), START);
    assertThat(pacing.grant(START)).describedAs("its groups may be under way").isEmpty();
    assertThat(pacing.liveSamplers()).isEqualTo(1);

    train(pacing, "a", 0, 0);
    train(pacing, "a", 1, 0);
    pacing.onPublished();
    assertThat(granted(pacing, START)).isEqualTo(Map.of(key("a"), 4L, successor, 2L));
    Instant later = START.plus(LEASE).plusMillis(1);
    pacing.onLease(new Lease(Groups.RUN, "a", 1, 0, 0), later);
    assertThat(granted(pacing, later)).isEqualTo(Map.of(successor, 4L));
  }

  @Test
  void shouldCountAnEarlierLifesCreditsUntilTheirLeaseWouldBeOver() {
    Pacing pacing =
        new Pacing(
            new Pacing.Settings(1, 2, LEASE),
            7,
            Map.of(key("a"), 10L),
            Map.of(key("a"), 7L, key("gone"), 3L),
            START);
    pacing.onLease(new Lease(Groups.RUN, "b", 0, 7, 0), START.plus(LEASE));
    assertThat(granted(pacing, START.plus(LEASE))).isEqualTo(Map.of(key("a"), 10L, key("b"), 1L));
    assertThat(granted(pacing, START.plus(LEASE).plusMillis(1))).isEqualTo(Map.of(key("b"), 4L));
  }

  @Test
  void shouldTakeALeaseAtItsWordWhereMoreWasEmittedThanIsKnownToBeGranted() {
    Pacing pacing = pacing(1, 2);
    lease(pacing, "a", 0, 3);
    assertThat(granted(pacing, START)).isEqualTo(Map.of(key("a"), 4L));
    Pacing above = pacing(1, 2);
    lease(above, "a", 0, 9);
    assertThat(above.grant(START)).isEmpty();
    assertThat(above.granted()).isEqualTo(Map.of(key("a"), 9L));
  }

  @Test
  void shouldCountGroupsThatCameWithoutCreditsThatAreKnown() {
    Pacing pacing = pacing(1, 2);
    lease(pacing, "a", 0, 0);
    granted(pacing, START);
    for (int counter = 0; counter < 6; counter++) {
      pacing.onReceived(key("a"), counter, 0);
    }
    pacing.onConsumed(key("a"), false);
    assertThat(pacing.grant(START)).describedAs("five are here, four are allowed").isEmpty();
    for (int counter = 1; counter < 6; counter++) {
      pacing.onConsumed(key("a"), false);
    }
    assertThat(granted(pacing, START)).isEqualTo(Map.of(key("a"), 10L));
  }

  @Test
  void shouldNotTakeAnotherSamplersStartForASuccession() {
    Pacing pacing = pacing(1, 2);
    lease(pacing, "a", 0, 0);
    pacing.onLease(new Lease(Groups.RUN, "b", 1, 0, 0), START);
    assertThat(pacing.liveSamplers()).isEqualTo(2);
    assertThat(granted(pacing, START).values()).containsExactly(2L, 2L);
  }

  /**
   * Two samplers hold two credits each, of version 0; one has used its own, and version 1 is out,
   * for which it has two more. The other one's two groups may still come, and must fit in.
   */
  private static Pacing oneIsSlow() {
    Pacing pacing = pacing(1, 2);
    lease(pacing, "fast", 0, 0);
    lease(pacing, "slow", 0, 0);
    assertThat(granted(pacing, START)).isEqualTo(Map.of(key("fast"), 2L, key("slow"), 2L));
    train(pacing, "fast", 0, 0);
    train(pacing, "fast", 1, 0);
    pacing.onPublished();
    assertThat(granted(pacing, START)).isEqualTo(Map.of(key("fast"), 4L, key("slow"), 2L));
    pacing.onReceived(key("fast"), 2, 1);
    pacing.onReceived(key("fast"), 3, 1);
    return pacing;
  }

  @Test
  void shouldLetNewerGroupsGoFirstOnlyWhereTheOlderOnesStillFit() {
    Pacing pacing = oneIsSlow();
    assertThat(pacing.mayTake(1, 1)).isFalse();
    assertThat(pacing.mayTake(1, 0)).describedAs("the oldest there can be").isTrue();

    pacing.onReceived(key("slow"), 0, 0);
    assertThat(pacing.mayTake(1, 1)).describedAs("one older under way, one slot left").isTrue();
    assertThat(pacing.mayTake(2, 1)).describedAs("and none then").isFalse();
    pacing.onConsumed(key("slow"), true);
    assertThat(pacing.mayTake(1, 1)).isFalse();
    train(pacing, "slow", 1, 0);
    pacing.onPublished();
    assertThat(pacing.mayTake(1, 1)).isTrue();
  }

  @Test
  void shouldNotWaitForGroupsThatALeaseSaysAreNotMade() {
    Pacing pacing = oneIsSlow();
    lease(pacing, "slow", 1, 1);
    assertThat(pacing.mayTake(1, 1)).describedAs("one was made by version 0").isTrue();
    assertThat(pacing.mayTake(2, 1)).isFalse();

    Pacing none = oneIsSlow();
    lease(none, "slow", 1, 0);
    assertThat(none.mayTake(2, 1)).isTrue();
  }

  @Test
  void shouldNotWaitForOlderGroupsOfASamplerThatHasSentANewerOne() {
    Pacing pacing = oneIsSlow();
    pacing.onReceived(key("slow"), 0, 1);
    assertThat(pacing.mayTake(2, 1)).isTrue();
  }

  @Test
  void shouldNotWaitForASamplerThatIsGone() {
    Pacing pacing = oneIsSlow();
    Instant later = START.plus(LEASE).plusMillis(1);
    pacing.onLease(new Lease(Groups.RUN, "fast", 0, 1, 4), later);
    pacing.grant(later);
    assertThat(pacing.mayTake(2, 1)).isTrue();
  }

  @Test
  void shouldNotWaitForThoseWaivedUntilSomethingComesOfThem() {
    Pacing pacing = oneIsSlow();
    pacing.waive();
    assertThat(pacing.mayTake(2, 1)).isTrue();
    pacing.onReceived(key("slow"), 0, 0);
    assertThat(pacing.mayTake(2, 1)).isFalse();
  }

  @Test
  void shouldRememberWhichVersionsCreditsWereWhenVersionsPassBy() {
    Pacing pacing = pacing(2, 1);
    lease(pacing, "a", 0, 0);
    lease(pacing, "slow", 0, 0);
    Map<String, Long> first = granted(pacing, START);
    assertThat(first).isEqualTo(Map.of(key("a"), 2L, key("slow"), 1L));
    train(pacing, "a", 0, 0);
    pacing.onPublished();
    granted(pacing, START);
    train(pacing, "a", 1, 0);
    pacing.onPublished();
    granted(pacing, START);
    // Version 2, bound 2: the slow one's group of version 0 must go now or never.
    pacing.onReceived(key("a"), 2, 2);
    assertThat(pacing.mayTake(1, 2)).isFalse();
    pacing.onReceived(key("slow"), 0, 0);
    assertThat(pacing.mayTake(1, 2)).isTrue();
  }

  @Test
  void shouldRefuseSettingsThatCannotBe() {
    assertThatThrownBy(() -> new Pacing.Settings(-1, 1, LEASE)).hasMessageContaining("max-lag -1");
    assertThatThrownBy(() -> new Pacing.Settings(0, 0, LEASE))
        .hasMessageContaining("groups a version 0");
  }
}
