// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.favstream.learner.intake.Groups.key;
import static org.favstream.learner.intake.Groups.refused;
import static org.favstream.learner.intake.Groups.scored;
import static org.favstream.learner.intake.Groups.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.favstream.actors.registry.RewardTimeline;
import org.favstream.protocol.Generation;
import org.favstream.protocol.GroupId;
import org.favstream.protocol.Noise;
import org.favstream.protocol.RegistryEvent;
import org.favstream.protocol.RewardVersion;
import org.favstream.protocol.ScoredGeneration;
import org.favstream.protocol.Scoring;
import org.favstream.protocol.Tensor;
import org.junit.jupiter.api.Test;

class IntakeTest {
  private static final RewardTimeline OWN = RewardTimeline.of(Groups.REWARD);
  private static final RewardVersion OTHER = new RewardVersion("other", 1);

  private final Told told = new Told();

  /** Writes down what it is told. */
  private static final class Told implements Intake.Listener {
    private final List<String> received = new ArrayList<>();
    private final List<String> refused = new ArrayList<>();
    private final List<String> returned = new ArrayList<>();

    @Override
    public void received(String key, long counter, long weightsVersion) {
      received.add("%s/%d of %d".formatted(key, counter, weightsVersion));
    }

    @Override
    public void refused(GroupId id, Intake.Refusal reason, String detail) {
      refused.add("%s %s: %s".formatted(id, reason, detail));
    }

    @Override
    public void returned(String key, long weightsVersion) {
      returned.add("%s of %d".formatted(key, weightsVersion));
    }
  }

  private Intake intake(int maxLag) {
    return intake(maxLag, Map.of(), Map.of());
  }

  private Intake intake(int maxLag, Map<String, Long> consumed, Map<Integer, Long> positions) {
    return new Intake(Groups.RUN, Groups.SHAPE, maxLag, OWN, consumed, positions, told);
  }

  private static List<String> names(List<Intake.Item> batch) {
    return batch.stream().map(item -> item.group().id().toString()).toList();
  }

  /** What a step would take, and takes. */
  private static List<String> taken(Intake intake, long version, int groups) {
    List<Intake.Item> batch = intake.candidates(version, groups);
    intake.take(batch);
    return names(batch);
  }

  @Test
  void shouldGiveTheOldestWeightsFirstAndElseTheFirstToCome() {
    Intake intake = intake(4);
    intake.offer(0, 0, scored("a", 0, 3), 3);
    intake.offer(0, 1, scored("b", 0, 1), 3);
    intake.offer(0, 2, scored("c", 0, 2), 3);
    intake.offer(0, 3, scored("d", 0, 1), 3);

    assertThat(
            List.of(
                taken(intake, 3, 1), taken(intake, 3, 1), taken(intake, 3, 1), taken(intake, 3, 1)))
        .containsExactly(List.of("b#0/0"), List.of("d#0/0"), List.of("c#0/0"), List.of("a#0/0"));
    assertThat(taken(intake, 3, 1)).isEmpty();
  }

  @Test
  void shouldWaitWhileThereAreTooFewForAStep() {
    Intake intake = intake(4);
    intake.offer(0, 0, scored("a", 0, 0), 0);
    assertThat(intake.candidates(0, 2)).isEmpty();
    assertThat(intake.queued()).isEqualTo(1);

    intake.offer(0, 1, scored("a", 1, 0), 0);
    assertThat(names(intake.candidates(0, 2))).containsExactly("a#0/0", "a#0/1");
  }

  @Test
  void shouldKeepCandidatesUntilTheyAreTaken() {
    Intake intake = intake(4);
    intake.offer(3, 17, scored("a", 0, 0), 0);

    List<Intake.Item> batch = intake.candidates(0, 1);
    assertThat(intake.candidates(0, 1)).isEqualTo(batch);
    assertThat(batch.get(0).partition()).isEqualTo(3);
    assertThat(batch.get(0).offset()).isEqualTo(17);
    intake.take(batch);
    assertThat(intake.candidates(0, 1)).isEmpty();
    assertThat(intake.queued()).isZero();
  }

  @Test
  void shouldPassOverWhatCameBefore() {
    Intake intake = intake(4);
    intake.offer(0, 0, scored("a", 0, 0), 0);
    intake.offer(0, 1, scored("a", 0, 0), 0);
    assertThat(taken(intake, 0, 1)).containsExactly("a#0/0");
    intake.offer(0, 2, scored("a", 0, 0), 0);
    intake.offer(0, 3, refused("a", 0, 0), 0);

    assertThat(intake.candidates(0, 1)).isEmpty();
    assertThat(intake.refusals()).isEqualTo(Map.of(Intake.Refusal.DUPLICATE, 3L));
    assertThat(told.received).containsExactly("a#0/0 of 0");
    assertThat(told.refused).isEmpty();
    assertThat(intake.positions()).isEqualTo(Map.of(0, 4L));
  }

  @Test
  void shouldTellIncarnationsOfASamplerApart() {
    Intake intake = intake(4);
    intake.offer(0, 0, scored("a", 0, 0), 0);
    intake.offer(0, 1, scored(Groups.RUN, new GroupId("a", 1, 0), 0, Groups.REWARD), 0);

    assertThat(taken(intake, 0, 1)).containsExactly("a#0/0");
    assertThat(taken(intake, 0, 1)).containsExactly("a#1/0");
    assertThat(intake.refusals()).isEmpty();
  }

  @Test
  void shouldCountEachGroupOfAGapAsMissing() {
    Intake intake = intake(4);
    intake.offer(0, 0, scored("a", 0, 0), 0);
    intake.offer(0, 1, scored("a", 3, 0), 0);

    assertThat(intake.refusals()).isEqualTo(Map.of(Intake.Refusal.MISSING, 2L));
    assertThat(told.received).containsExactly("a#0/0 of 0", "a#0/3 of 0");
    assertThat(taken(intake, 0, 1)).containsExactly("a#0/0");
    assertThat(taken(intake, 0, 1)).containsExactly("a#0/3");
    intake.offer(0, 2, scored("a", 2, 0), 0);
    assertThat(intake.candidates(0, 1)).isEmpty();
  }

  @Test
  void shouldRefuseWhatTheRewardServiceRefused() {
    Intake intake = intake(4);
    intake.offer(0, 0, refused("a", 0, 0), 0);

    assertThat(intake.candidates(0, 1)).isEmpty();
    assertThat(told.received).containsExactly("a#0/0 of 0");
    assertThat(told.refused).containsExactly("a#0/0 UNSCORED: the reward is NaN");
    assertThat(intake.refusals()).isEqualTo(Map.of(Intake.Refusal.UNSCORED, 1L));
  }

  @Test
  void shouldRefuseWeightsThatWereNeverPublished() {
    Intake intake = intake(4);
    intake.offer(0, 0, scored("a", 0, 7), 7);
    intake.offer(0, 1, scored("a", 1, 8), 7);

    assertThat(taken(intake, 7, 1)).containsExactly("a#0/0");
    assertThat(told.refused).containsExactly("a#0/1 FROM_THE_FUTURE: weights version 8, current 7");
  }

  @Test
  void shouldRefuseOnceTheBoundIsPassedAndNotBefore() {
    Intake intake = intake(2);
    intake.offer(0, 0, scored("a", 0, 4), 6);
    intake.offer(0, 1, scored("b", 0, 5), 6);

    assertThat(names(intake.candidates(6, 1))).containsExactly("a#0/0");
    assertThat(told.refused).isEmpty();
    assertThat(names(intake.candidates(7, 1))).containsExactly("b#0/0");
    assertThat(told.refused)
        .containsExactly("a#0/0 TOO_OLD: weights version 4, the lag bound allows 5");
    assertThat(intake.refusals()).isEqualTo(Map.of(Intake.Refusal.TOO_OLD, 1L));
    assertThat(intake.consumed()).containsEntry(key("a"), 1L);
  }

  @Test
  void shouldGiveAShortBatchWhereTheRewardChanges() {
    Intake intake = intake(4);
    RewardVersion second = new RewardVersion("r", 2);
    intake.offer(0, 0, scored("a", 0, 0), 0);
    intake.offer(0, 1, scored("a", 1, 0), 0);
    for (int counter = 2; counter < 5; counter++) {
      intake.offer(0, counter, scored(Groups.RUN, new GroupId("a", 0, counter), 0, second), 0);
    }

    assertThat(taken(intake, 0, 3)).containsExactly("a#0/0", "a#0/1");
    assertThat(taken(intake, 0, 3)).containsExactly("a#0/2", "a#0/3", "a#0/4");
  }

  /** The next activation, with its fence on partition 0. */
  private static RewardTimeline activated(RewardTimeline before, RewardVersion next, long fence) {
    return before.with(
        new RegistryEvent.Activated(
            new RegistryEvent.Origin(Groups.RUN, 0, "alice"),
            next,
            before.current().number() + 1,
            Map.of(0, fence),
            0,
            false,
            ""));
  }

  private static ScoredGeneration by(
      RewardVersion reward, long activation, long counter, long offset) {
    return scored(
        Groups.RUN,
        new GroupId("a", 0, counter),
        0,
        new Scoring(reward, activation, offset, Optional.empty(), Optional.empty()));
  }

  @Test
  void shouldMixNoTwoCriticsThatARewardIsMadeOf() {
    Intake intake = intake(4);
    for (long counter = 0; counter < 4; counter++) {
      intake.offer(0, counter, ofCritic(counter < 3 ? 5 : 6, counter), 0);
    }
    assertThat(taken(intake, 0, 2)).containsExactly("a#0/0", "a#0/1");
    assertThat(taken(intake, 0, 2)).containsExactly("a#0/2");
    assertThat(taken(intake, 0, 1)).containsExactly("a#0/3");
  }

  private static ScoredGeneration ofCritic(long critic, long counter) {
    return scored(
        Groups.RUN,
        new GroupId("a", 0, counter),
        0,
        new Scoring(
            Groups.REWARD,
            0,
            10 + counter,
            Optional.empty(),
            Optional.of(new RewardVersion("critic", critic))));
  }

  @Test
  void shouldRefuseAStaleScoreAndTakeTheGroupWhenItComesAgain() {
    Intake intake = intake(4);
    intake.onTimeline(activated(OWN, OTHER, 11), 0);
    intake.offer(0, 0, by(Groups.REWARD, 0, 0, 10), 0);
    intake.offer(0, 1, by(Groups.REWARD, 0, 1, 11), 0);
    intake.offer(0, 2, by(Groups.REWARD, 0, 2, 12), 0);
    intake.offer(0, 3, by(OTHER, 1, 1, 11), 0);
    intake.offer(0, 4, by(OTHER, 1, 2, 12), 0);

    assertThat(taken(intake, 0, 1)).containsExactly("a#0/0");
    assertThat(taken(intake, 0, 1)).containsExactly("a#0/1");
    assertThat(taken(intake, 0, 1)).containsExactly("a#0/2");
    assertThat(intake.refusals()).isEqualTo(Map.of(Intake.Refusal.STALE_REWARD, 2L));
    assertThat(told.refused).isEmpty();
  }

  @Test
  void shouldGiveBackWhatWaitsWhenItsRewardIsNoLongerItsOwn() {
    Intake intake = intake(4);
    for (long counter = 0; counter < 4; counter++) {
      intake.offer(0, counter, by(Groups.REWARD, 0, counter, 10 + counter), 0);
    }
    intake.offer(0, 4, refused("a", 4, 0), 0);
    assertThat(taken(intake, 0, 2)).containsExactly("a#0/0", "a#0/1");

    intake.onTimeline(activated(OWN, OTHER, 13), 0);
    assertThat(told.returned).containsExactly("a#0 of 0");
    assertThat(intake.queued()).isEqualTo(1);
    assertThat(intake.consumed()).containsEntry(key("a"), 2L);

    intake.offer(0, 5, by(OTHER, 1, 3, 13), 0);
    intake.offer(0, 6, by(OTHER, 1, 4, 14), 0); // was refused, for good
    intake.offer(0, 7, by(OTHER, 1, 5, 15), 0);
    assertThat(taken(intake, 0, 2)).containsExactly("a#0/2"); // the old reward's last
    assertThat(taken(intake, 0, 2)).containsExactly("a#0/3", "a#0/5");
    assertThat(intake.refusals())
        .isEqualTo(
            Map.of(
                Intake.Refusal.STALE_REWARD, 1L,
                Intake.Refusal.UNSCORED, 1L,
                Intake.Refusal.DUPLICATE, 1L));
  }

  @Test
  void shouldHoldScoresBackUntilTheirActivationIsKnown() {
    Intake intake = intake(4);
    intake.offer(0, 0, by(OTHER, 1, 0, 10), 0);
    intake.offer(0, 1, by(OTHER, 1, 1, 11), 0);
    assertThat(intake.awaitsActivation()).isTrue();
    assertThat(taken(intake, 0, 1)).isEmpty();
    assertThat(intake.positions()).isEmpty(); // read again after a restart

    intake.onTimeline(activated(OWN, OTHER, 10), 0);
    assertThat(intake.awaitsActivation()).isFalse();
    assertThat(taken(intake, 0, 1)).containsExactly("a#0/0");
    assertThat(taken(intake, 0, 1)).containsExactly("a#0/1");
  }

  @Test
  void shouldGoOnWithWhatComesAfterAnActivationThatNobodyKnows() {
    Intake intake = intake(4);
    intake.offer(0, 0, by(OTHER, 7, 0, 10), 0);
    intake.offer(0, 1, by(Groups.REWARD, 0, 1, 11), 0);
    intake.giveUpActivation(0);

    assertThat(told.refused)
        .containsExactly("a#0/0 UNKNOWN_REWARD: activation 7, known are those up to 0");
    assertThat(taken(intake, 0, 1)).containsExactly("a#0/1");
  }

  @Test
  void shouldNotMixOneRewardsTwoActivations() {
    Intake intake = intake(4);
    RewardTimeline there = activated(OWN, OTHER, 11);
    intake.onTimeline(activated(there, Groups.REWARD, 11), 0);
    intake.offer(0, 0, by(Groups.REWARD, 0, 0, 10), 0);
    intake.offer(0, 1, by(Groups.REWARD, 2, 1, 11), 0);
    assertThat(taken(intake, 0, 2)).containsExactly("a#0/0");
  }

  @Test
  void shouldRefuseGroupsOfOtherSizesOrAnotherRun() {
    Intake.Shape shape = new Intake.Shape(2, 3, 4, 5, 6);
    Optional<Tensor> contexts = Optional.of(tensor(0, 2, 5));
    Optional<Tensor> references = Optional.of(tensor(0, 2, 6, 4));
    assertThat(refusalOf(shape, sized("run", 2, 3, 4, contexts, references))).isEmpty();

    assertThat(refusalOf(shape, sized("other", 2, 3, 4, contexts, references)))
        .hasValueSatisfying(why -> assertThat(why).contains("run other", "expected run run"));
    for (int[] other : new int[][] {{1, 3, 4}, {2, 2, 4}, {2, 3, 3}}) {
      assertThat(
              refusalOf(
                  shape,
                  sized(
                      "run",
                      other[0],
                      other[1],
                      other[2],
                      Optional.of(tensor(0, other[0], 5)),
                      Optional.of(tensor(0, other[0], 6, other[2])))))
          .hasValueSatisfying(why -> assertThat(why).contains("Tensor"));
    }
    assertThat(refusalOf(shape, sized("run", 2, 3, 4, Optional.empty(), references))).isPresent();
    assertThat(refusalOf(shape, sized("run", 2, 3, 4, contexts, Optional.empty()))).isPresent();
    assertThat(refusalOf(shape, sized("run", 2, 3, 4, Optional.of(tensor(0, 2, 4)), references)))
        .isPresent();
    assertThat(refusalOf(shape, sized("run", 2, 3, 4, contexts, Optional.of(tensor(0, 2, 5, 4)))))
        .isPresent();
    assertThat(
            refusalOf(
                Groups.SHAPE,
                sized("run", 1, 1, 1, Optional.of(tensor(0, 1, 1)), Optional.empty())))
        .isPresent();
  }

  /** The detail of the refusal as foreign; empty where the group was taken. */
  private static Optional<String> refusalOf(Intake.Shape shape, ScoredGeneration outcome) {
    Told told = new Told();
    Intake intake = new Intake("run", shape, 4, OWN, Map.of(), Map.of(), told);
    intake.offer(0, 0, outcome, 0);
    assertThat(intake.queued() + told.refused.size()).isEqualTo(1);
    told.refused.forEach(why -> assertThat(why).contains("FOREIGN"));
    return told.refused.stream().findFirst();
  }

  private static ScoredGeneration.Scored sized(
      String run,
      int contexts,
      int particles,
      int d,
      Optional<Tensor> contextValues,
      Optional<Tensor> references) {
    return new ScoredGeneration.Scored(
        new Generation(
            run,
            new GroupId("a", 0, 0),
            0,
            new Noise(1, 0),
            contextValues,
            tensor(0, contexts, particles, d),
            references,
            0),
        Scoring.by(Groups.REWARD),
        tensor(0, contexts, particles),
        tensor(0, contexts, particles, d));
  }

  @Test
  void shouldRefuseNumbersThatAreNotFiniteWhereverTheyStand() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      for (int place = 0; place < 5; place++) {
        Intake intake =
            new Intake("run", new Intake.Shape(1, 1, 1, 1, 1), 4, OWN, Map.of(), Map.of(), told);
        intake.offer(0, 0, numbers(place, bad), 0);
        assertThat(intake.refusals())
            .describedAs("%s at place %d", bad, place)
            .isEqualTo(Map.of(Intake.Refusal.NOT_FINITE, 1L));
        assertThat(intake.queued()).isZero();
      }
    }
    Intake intake =
        new Intake("run", new Intake.Shape(1, 1, 1, 1, 1), 4, OWN, Map.of(), Map.of(), told);
    intake.offer(0, 0, numbers(5, Float.NaN), 0);
    assertThat(intake.queued()).isEqualTo(1);
  }

  /** A group with a bad number in its place: particle, reward, gradient, context, reference. */
  private static ScoredGeneration.Scored numbers(int place, float bad) {
    return new ScoredGeneration.Scored(
        new Generation(
            "run",
            new GroupId("a", 0, 0),
            0,
            new Noise(1, 0),
            Optional.of(tensor(place == 3 ? bad : 0, 1, 1)),
            tensor(place == 0 ? bad : 0, 1, 1, 1),
            Optional.of(tensor(place == 4 ? bad : 0, 1, 1, 1)),
            0),
        Scoring.by(Groups.REWARD),
        tensor(place == 1 ? bad : 0, 1, 1),
        tensor(place == 2 ? bad : 0, 1, 1, 1));
  }

  @Test
  void shouldKeepItsPlaceBeforeWhatIsNotConsumed() {
    Intake intake = intake(4, Map.of(key("z"), 9L), Map.of(5, 50L));
    intake.offer(0, 10, scored("a", 0, 0), 1);
    intake.offer(0, 11, scored("a", 1, 0), 1);
    intake.offer(1, 20, scored("b", 0, 1), 1);
    intake.offer(0, 12, scored("a", 2, 1), 1);

    assertThat(intake.positions()).isEqualTo(Map.of(0, 10L, 1, 20L, 5, 50L));
    assertThat(intake.consumed()).isEqualTo(Map.of(key("a"), 0L, key("b"), 0L, key("z"), 9L));
    taken(intake, 1, 1);
    assertThat(intake.positions()).isEqualTo(Map.of(0, 11L, 1, 20L, 5, 50L));
    assertThat(intake.consumed()).isEqualTo(Map.of(key("a"), 1L, key("b"), 0L, key("z"), 9L));
    taken(intake, 1, 1);
    taken(intake, 1, 1);
    assertThat(intake.positions()).isEqualTo(Map.of(0, 12L, 1, 21L, 5, 50L));
    taken(intake, 1, 1);
    assertThat(intake.positions()).isEqualTo(Map.of(0, 13L, 1, 21L, 5, 50L));
    assertThat(intake.consumed()).isEqualTo(Map.of(key("a"), 3L, key("b"), 1L, key("z"), 9L));
  }

  @Test
  void shouldNeitherLoseNorRepeatAnythingWhenItGoesOnAfterARefusalInTheMiddle() {
    List<ScoredGeneration> log =
        List.of(
            scored("a", 0, 0),
            scored("b", 0, 0),
            scored("a", 1, 0),
            refused("a", 2, 0),
            scored("a", 3, 0),
            scored("b", 1, 0));
    for (int before = 0; before <= 5; before++) {
      Intake first = intake(4);
      offerFrom(first, log, 0);
      List<String> all = new ArrayList<>();
      for (int i = 0; i < before; i++) {
        all.addAll(taken(first, 0, 1));
      }
      Intake second = intake(4, first.consumed(), first.positions());
      offerFrom(second, log, first.positions().getOrDefault(0, 0L));
      for (int i = 0; i < log.size(); i++) {
        all.addAll(taken(second, 0, 1));
      }
      assertThat(all)
          .describedAs("stopped after %d groups", before)
          .containsExactly("a#0/0", "b#0/0", "a#0/1", "a#0/3", "b#0/1");
      assertThat(second.refusals().keySet())
          .isSubsetOf(Intake.Refusal.DUPLICATE, Intake.Refusal.UNSCORED);
      assertThat(second.positions()).isEqualTo(Map.of(0, 6L));
      assertThat(second.consumed()).isEqualTo(Map.of(key("a"), 4L, key("b"), 2L));
    }
  }

  private static void offerFrom(Intake intake, List<ScoredGeneration> log, long offset) {
    for (long at = offset; at < log.size(); at++) {
      intake.offer(0, at, log.get((int) at), 0);
    }
  }
}
