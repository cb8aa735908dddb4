// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.favstream.learner.intake.Groups.key;
import static org.favstream.learner.intake.Groups.refused;
import static org.favstream.learner.intake.Groups.scored;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.favstream.actors.registry.RewardTimeline;
import org.favstream.protocol.Lease;
import org.junit.jupiter.api.Test;

class FlowTest {
  private static final Instant START = Instant.ofEpochSecond(1_000);
  private static final Duration DEADLINE = Duration.ofSeconds(3);

  private static Flow.Settings settings(int maxLag, int groupsPerStep, int publishEvery) {
    return new Flow.Settings(maxLag, groupsPerStep, publishEvery, Duration.ofSeconds(5), DEADLINE);
  }

  private static Flow flow(Flow.Settings settings, Flow.State state) {
    return new Flow(
        Groups.RUN, settings, Groups.SHAPE, RewardTimeline.of(Groups.REWARD), state, START);
  }

  private static List<String> stepped(Flow.Action action) {
    assertThat(action).isInstanceOf(Flow.Action.Step.class);
    return ((Flow.Action.Step) action)
        .batch().stream().map(item -> item.group().id().toString()).toList();
  }

  private static void lease(Flow flow, String sampler, long applied, long emitted) {
    flow.onLease(new Lease(Groups.RUN, sampler, 0, applied, emitted), START);
  }

  @Test
  void shouldStepWhenThereAreGroupsAndPublishAfterItsSteps() {
    Flow flow = flow(settings(1, 1, 2), Flow.State.initial());
    assertThat(flow.next(START)).isInstanceOf(Flow.Action.Await.class);
    flow.onScored(0, 0, scored("a", 0, 0));
    flow.onScored(0, 1, scored("a", 1, 0));
    flow.onScored(0, 2, scored("a", 2, 0));

    assertThat(stepped(flow.next(START))).containsExactly("a#0/0");
    assertThat(flow.stepsInVersion()).isEqualTo(1);
    assertThat(stepped(flow.next(START))).containsExactly("a#0/1");
    assertThat(flow.next(START)).isInstanceOf(Flow.Action.Publish.class);
    assertThat(flow.next(START))
        .describedAs("until it is done")
        .isInstanceOf(Flow.Action.Publish.class);
    assertThat(flow.queued()).isEqualTo(1);

    assertThat(flow.publish()).isEqualTo(1);
    assertThat(flow.version()).isEqualTo(1);
    assertThat(flow.stepsInVersion()).isZero();
    assertThat(stepped(flow.next(START))).containsExactly("a#0/2");
  }

  @Test
  void shouldWaitForAnOlderGroupUntilTheDeadlineAndRefuseItAfterwards() {
    Flow flow = flow(settings(1, 1, 2), Flow.State.initial());
    lease(flow, "fast", 0, 0);
    lease(flow, "slow", 0, 0);
    assertThat(flow.grant(START)).contains(Map.of(key("fast"), 2L, key("slow"), 2L));
    flow.onScored(0, 0, scored("fast", 0, 0));
    flow.onScored(0, 1, scored("fast", 1, 0));
    stepped(flow.next(START));
    stepped(flow.next(START));
    flow.publish();
    flow.grant(START);
    flow.onScored(0, 2, scored("fast", 2, 1));
    flow.onScored(0, 3, scored("fast", 3, 1));

    Instant asked = START.plusSeconds(1);
    assertThat(flow.next(asked)).isInstanceOf(Flow.Action.Await.class);
    assertThat(flow.next(asked.plus(DEADLINE).minusMillis(1)))
        .isInstanceOf(Flow.Action.Await.class);
    assertThat(stepped(flow.next(asked.plus(DEADLINE)))).containsExactly("fast#0/2");
    assertThat(stepped(flow.next(asked.plus(DEADLINE)))).containsExactly("fast#0/3");
    flow.publish();
    flow.onScored(0, 4, scored("slow", 0, 0));
    assertThat(flow.next(asked.plus(DEADLINE))).isInstanceOf(Flow.Action.Await.class);
    assertThat(flow.refusals()).isEqualTo(Map.of(Intake.Refusal.TOO_OLD, 1L));
    assertThat(flow.refused()).isEqualTo(1);
  }

  @Test
  void shouldGiveEachWaitItsWholeDeadline() {
    Flow flow = flow(settings(1, 1, 2), Flow.State.initial());
    lease(flow, "fast", 0, 0);
    lease(flow, "slow", 0, 0);
    flow.grant(START);
    flow.onScored(0, 0, scored("fast", 0, 0));
    flow.onScored(0, 1, scored("fast", 1, 0));
    stepped(flow.next(START));
    stepped(flow.next(START));
    flow.publish();
    flow.grant(START);
    flow.onScored(0, 2, scored("fast", 2, 1));
    assertThat(flow.next(START)).isInstanceOf(Flow.Action.Await.class);
    // The wait is over: one of the groups waited for goes first.
    flow.onScored(0, 3, scored("slow", 0, 0));
    assertThat(stepped(flow.next(START.plusSeconds(2)))).containsExactly("slow#0/0");
    // Another wait, of its own length.
    assertThat(flow.next(START.plusSeconds(2))).isInstanceOf(Flow.Action.Await.class);
    assertThat(flow.next(START.plus(DEADLINE))).isInstanceOf(Flow.Action.Await.class);
    assertThat(stepped(flow.next(START.plusSeconds(2).plus(DEADLINE)))).containsExactly("fast#0/2");
  }

  @Test
  void shouldGiveBackTheCreditOfARefusedGroup() {
    Flow flow = flow(settings(0, 1, 2), Flow.State.initial());
    lease(flow, "a", 0, 0);
    assertThat(flow.grant(START)).contains(Map.of(key("a"), 2L));
    flow.onScored(0, 0, refused("a", 0, 0));
    assertThat(flow.grant(START)).contains(Map.of(key("a"), 3L));
    assertThat(flow.refused()).isEqualTo(1);
  }

  @Test
  void shouldNotCountDuplicatesAsLost() {
    Flow flow = flow(settings(1, 1, 2), Flow.State.initial());
    flow.onScored(0, 0, scored("a", 0, 0));
    flow.onScored(0, 1, scored("a", 0, 0));
    flow.onScored(0, 2, scored("a", 3, 0));
    assertThat(flow.refusals())
        .isEqualTo(Map.of(Intake.Refusal.DUPLICATE, 1L, Intake.Refusal.MISSING, 2L));
    assertThat(flow.refused()).isEqualTo(2);
  }

  @Test
  void shouldGoOnWhereItsStateSays() {
    Flow first = flow(settings(1, 1, 2), Flow.State.initial());
    lease(first, "a", 0, 0);
    first.grant(START);
    for (int counter = 0; counter < 4; counter++) {
      first.onScored(2, counter, scored("a", counter, 0));
    }
    stepped(first.next(START));
    stepped(first.next(START));
    first.publish();
    first.grant(START);
    assertThat(first.state())
        .isEqualTo(new Flow.State(1, Map.of(key("a"), 2L), Map.of(2, 2L), Map.of(key("a"), 6L)));

    Flow second = flow(settings(1, 1, 2), first.state());
    assertThat(second.version()).isEqualTo(1);
    assertThat(second.granted()).isEqualTo(Map.of(key("a"), 6L));
    for (int counter = 1; counter < 4; counter++) {
      second.onScored(2, counter, scored("a", counter, 0));
    }
    assertThat(stepped(second.next(START))).containsExactly("a#0/2");
    assertThat(stepped(second.next(START))).containsExactly("a#0/3");
    assertThat(second.refusals()).isEqualTo(Map.of(Intake.Refusal.DUPLICATE, 1L));
  }

  @Test
  void shouldGrantAtOnceWhatItsStateLeavesFree() {
    Flow flow =
        flow(
            settings(1, 1, 2),
            new Flow.State(1, Map.of(key("a"), 2L), Map.of(), Map.of(key("a"), 4L)));
    assertThat(flow.grant(START)).contains(Map.of(key("a"), 6L));
  }

  @Test
  void shouldTakeTheHigherOfTwoGrants() {
    Flow.State state = new Flow.State(3, Map.of(), Map.of(), Map.of("a#0", 5L, "b#0", 7L));
    assertThat(state.withGranted(Map.of("a#0", 6L, "b#0", 6L, "c#0", 1L)))
        .isEqualTo(new Flow.State(3, Map.of(), Map.of(), Map.of("a#0", 6L, "b#0", 7L, "c#0", 1L)));
  }

  @Test
  void shouldReadItsSettings() {
    Config job =
        ConfigFactory.parseString(
            "learner { max-lag = 3, groups-per-step = 2, publish-every = 5, lease-timeout = 7s,"
                + " settle-deadline = 9s }");
    assertThat(Flow.Settings.of(job))
        .isEqualTo(new Flow.Settings(3, 2, 5, Duration.ofSeconds(7), Duration.ofSeconds(9)));
    assertThatThrownBy(() -> settings(-1, 1, 1)).hasMessageContaining("max-lag -1");
    assertThatThrownBy(() -> settings(0, 0, 1)).hasMessageContaining("groups-per-step 0");
    assertThatThrownBy(() -> settings(0, 1, 0)).hasMessageContaining("publish-every 0");
  }
}
