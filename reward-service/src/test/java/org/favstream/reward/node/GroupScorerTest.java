// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
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
import org.favstream.reward.model.RewardModel;
import org.favstream.reward.model.RewardUnavailableException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GroupScorerTest {
  private static final RewardVersion REWARD = new RewardVersion("sum", 3);
  private static final Noise NOISE = new Noise(17, 4);

  /** Two contexts of one number, three particles each of two numbers: 1 to 12. */
  private static Generation group() {
    return group(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
  }

  private static Generation group(float... particles) {
    return new Generation(
        "run",
        new GroupId("sampler", 1, 4),
        9,
        NOISE,
        Optional.of(Tensor.of(new int[] {2, 1}, new float[] {100, 200})),
        Tensor.of(new int[] {2, 3, 2}, particles),
        Optional.empty(),
        5);
  }

  /** Of each particle: its sum and its context; the gradient is the particle. */
  private static RewardModel.Rewards sums(RewardModel.Block block) {
    float[] values = new float[block.rows()];
    float[] contexts = block.contextRows();
    for (int i = 0; i < block.values().length; i++) {
      values[i / block.d()] += block.values()[i];
    }
    for (int row = 0; row < contexts.length; row++) {
      values[row] += contexts[row];
    }
    return new RewardModel.Rewards(values, block.values().clone());
  }

  private static ScoredGeneration score(RewardModel model, Generation group) {
    try (GroupScorer scorer = new GroupScorer(VersionedReward.fixed(REWARD, model))) {
      return scorer.score(group, 0, 0, RewardTimeline.of(REWARD));
    }
  }

  private static void assertRefused(ScoredGeneration outcome, String reason) {
    assertThat(outcome)
        .isEqualTo(
            new ScoredGeneration.Refused(
                "run", new GroupId("sampler", 1, 4), 9, Scoring.by(REWARD), "sum@3: " + reason));
  }

  @Test
  void shouldGiveRewardsAndGradientsWhenTheModelScores() {
    assertThat(score(GroupScorerTest::sums, group()))
        .isEqualTo(
            new ScoredGeneration.Scored(
                group(),
                Scoring.by(REWARD),
                Tensor.of(new int[] {2, 3}, new float[] {103, 107, 111, 215, 219, 223}),
                group().particles()));
  }

  @Test
  void shouldAskForTheWholeGroupWithItsContextsAndNoise() {
    List<RewardModel.Block> asked = new ArrayList<>();
    ScoredGeneration unused =
        score(
            block -> {
              asked.add(block);
              return sums(block);
            },
            group());
    assertThat(asked).hasSize(1);
    RewardModel.Block block = asked.get(0);
    assertThat(block.contexts()).isEqualTo(2);
    assertThat(block.particles()).isEqualTo(3);
    assertThat(block.d()).isEqualTo(2);
    assertThat(block.contextValues()).containsExactly(100, 200);
    assertThat(block.contextRows()).containsExactly(100, 100, 100, 200, 200, 200);
    assertThat(block.draw()).isEqualTo(NOISE);
  }

  @Test
  void shouldAskWithoutContextsWhenTheGroupHasNone() {
    Generation group =
        new Generation(
            "run",
            new GroupId("sampler", 1, 0),
            0,
            NOISE,
            Optional.empty(),
            Tensor.of(new int[] {1, 2, 1}, new float[] {3, 4}),
            Optional.empty(),
            5);
    assertThat(
            score(
                block -> {
                  assertThat(block.contextSize()).isZero();
                  return sums(block);
                },
                group))
        .isInstanceOfSatisfying(
            ScoredGeneration.Scored.class,
            scored -> assertThat(scored.rewards().toArray()).containsExactly(3, 4));
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void shouldRefuseTheGroupUnaskedWhenAParticleIsNotFinite(float number) {
    List<RewardModel.Block> asked = new ArrayList<>();
    ScoredGeneration outcome =
        score(
            block -> {
              asked.add(block);
              return sums(block);
            },
            group(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, number));
    assertRefused(outcome, "a particle is not finite");
    assertThat(asked).isEmpty();
  }

  @Test
  void shouldNameTheParticleWhenItsRewardIsNotFinite() {
    assertRefused(
        score(
            block -> {
              RewardModel.Rewards rewards = sums(block);
              rewards.values()[4] = Float.NaN;
              return rewards;
            },
            group()),
        "the reward of particle 4 is NaN");
  }

  @Test
  void shouldNameTheParticleWhenItsGradientIsNotFinite() {
    assertRefused(
        score(
            block -> {
              RewardModel.Rewards rewards = sums(block);
              rewards.gradients()[11] = Float.NEGATIVE_INFINITY;
              return rewards;
            },
            group()),
        "the gradient of particle 5 is -Infinity");
  }

  @Test
  void shouldRefuseWhenThereAreMoreOrFewerNumbersThanParticles() {
    assertRefused(
        score(block -> new RewardModel.Rewards(new float[5], new float[12]), group()),
        "it gave 5 rewards and 12 gradient numbers, expected 6 and 12");
    assertRefused(
        score(block -> new RewardModel.Rewards(new float[6], new float[18]), group()),
        "it gave 6 rewards and 18 gradient numbers, expected 6 and 12");
  }

  @Test
  void shouldSayWhatWasWrongWhenTheModelThrows() {
    assertRefused(
        score(
            block -> {
              throw new IllegalStateException("no such controller");
            },
            group()),
        "the reward failed: no such controller");
    assertRefused(
        score(
            block -> {
              throw new ArithmeticException();
            },
            group()),
        "the reward failed: ArithmeticException");
  }

  @Test
  void shouldScoreTheNextGroupWhenOneWasRefused() {
    RewardModel picky =
        block -> {
          if (block.values()[0] < 0) {
            throw new IllegalArgumentException("below zero");
          }
          RewardModel.Rewards rewards = sums(block);
          rewards.values()[0] = block.values()[0] == 0 ? Float.NaN : rewards.values()[0];
          return rewards;
        };
    Generation throwing = group(-1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    Generation giving = group(0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    try (GroupScorer scorer = new GroupScorer(VersionedReward.fixed(REWARD, picky))) {
      for (Generation bad : List.of(throwing, giving)) {
        assertThat(scorer.score(bad, 0, 0, RewardTimeline.of(REWARD)))
            .isInstanceOf(ScoredGeneration.Refused.class);
        assertThat(scorer.score(group(), 0, 0, RewardTimeline.of(REWARD)))
            .isEqualTo(score(GroupScorerTest::sums, group()));
      }
    }
  }

  /** Each reward is its version's number everywhere, its gradient ten times that. */
  private static VersionedReward numbered() {
    return new VersionedReward() {
      @Override
      public Current current(RewardVersion wanted) {
        if (wanted.name().equals("gone")) {
          throw new IllegalStateException("its file is gone");
        }
        return new Current(
            wanted,
            block -> {
              float[] values = new float[block.rows()];
              float[] gradients = new float[block.rows() * block.d()];
              Arrays.fill(values, (float) wanted.version());
              Arrays.fill(gradients, 10f * wanted.version());
              return new RewardModel.Rewards(values, gradients);
            },
            wanted.name().equals("next")
                ? Optional.of(new RewardVersion("critic", wanted.version()))
                : Optional.empty());
      }

      @Override
      public void close() {}
    };
  }

  private static Scoring plain(RewardVersion reward, long activation, long offset) {
    return new Scoring(reward, activation, offset, Optional.empty(), Optional.empty());
  }

  private static RewardTimeline activated(RewardVersion next, long blendMillis) {
    return RewardTimeline.of(REWARD)
        .with(
            new RegistryEvent.Activated(
                new RegistryEvent.Origin("run", 1, "alice"),
                next,
                1,
                Map.of(6, 50L),
                blendMillis,
                false,
                ""));
  }

  @Test
  void shouldScoreWithTheRewardThatIsTheGroupsOwn() {
    RewardTimeline timeline = activated(new RewardVersion("next", 7), 0);
    try (GroupScorer scorer = new GroupScorer(numbered())) {
      ScoredGeneration before = scorer.score(group(), 6, 49, timeline);
      ScoredGeneration after = scorer.score(group(), 6, 50, timeline);
      assertThat(before.scoring()).isEqualTo(plain(REWARD, 0, 49));
      assertThat(after.scoring())
          .isEqualTo(
              new Scoring(
                  new RewardVersion("next", 7),
                  1,
                  50,
                  Optional.empty(),
                  Optional.of(new RewardVersion("critic", 7))));
      assertThat(((ScoredGeneration.Scored) after).rewards().toArray()).containsOnly(7);
    }
  }

  @Test
  void shouldMixByWeightAndSayItWhenARewardComesInGradually() {
    RewardVersion next = new RewardVersion("next", 7);
    try (GroupScorer scorer = new GroupScorer(numbered())) {
      // Made at 5 ms, activated at 1 ms: a quarter of 16 ms.
      ScoredGeneration.Scored scored =
          (ScoredGeneration.Scored) scorer.score(group(), 6, 50, activated(next, 16));
      assertThat(scored.scoring())
          .isEqualTo(
              new Scoring(
                  next,
                  1,
                  50,
                  Optional.of(new Scoring.Blend(REWARD, 0.25)),
                  Optional.of(new RewardVersion("critic", 7))));
      assertThat(scored.rewards().toArray()).containsOnly(0.25f * 7 + 0.75f * 3);
      assertThat(scored.gradients().toArray()).containsOnly(10 * (0.25f * 7 + 0.75f * 3));
    }
  }

  @Test
  void shouldRefuseTheGroupByNameWhenItsRewardCannotBeMade() {
    RewardVersion gone = new RewardVersion("gone", 2);
    try (GroupScorer scorer = new GroupScorer(numbered())) {
      assertThat(scorer.score(group(), 6, 50, activated(gone, 0)))
          .isEqualTo(
              new ScoredGeneration.Refused(
                  "run",
                  new GroupId("sampler", 1, 4),
                  9,
                  plain(gone, 1, 50),
                  "gone@2: its file is gone"));
    }
  }

  /** As {@link #numbered}, but the job's own is not there. */
  private static VersionedReward away() {
    VersionedReward there = numbered();
    return new VersionedReward() {
      @Override
      public Current current(RewardVersion wanted) {
        if (!wanted.equals(REWARD)) {
          return there.current(wanted);
        }
        return VersionedReward.fixed(
                wanted,
                block -> {
                  throw new RewardUnavailableException("gone for lunch");
                })
            .current(wanted);
      }

      @Override
      public void close() {}
    };
  }

  @Test
  void shouldNotRefuseAGroupWhoseRewardIsAwayForAMoment() {
    try (GroupScorer scorer = new GroupScorer(away())) {
      assertThatThrownBy(() -> scorer.score(group(), 6, 49, RewardTimeline.of(REWARD)))
          .isInstanceOf(RewardUnavailableException.class)
          .hasMessageContaining("gone for lunch");
    }
  }

  @Test
  void shouldWaitForNoRewardButTheActiveOne() {
    RewardVersion next = new RewardVersion("next", 7);
    try (GroupScorer scorer = new GroupScorer(away())) {
      String reason =
          "sum@3: the reward failed: gone for lunch; it is not waited for, as next@7 is active by now";
      assertThat(scorer.score(group(), 6, 49, activated(next, 0)))
          .isInstanceOfSatisfying(
              ScoredGeneration.Refused.class,
              refused -> assertThat(refused.reason()).isEqualTo(reason));
      assertThat(scorer.score(group(), 6, 50, activated(next, 0)))
          .isInstanceOf(ScoredGeneration.Scored.class);
      assertThat(scorer.score(group(), 6, 50, activated(next, 16)))
          .describedAs("a quarter of the one, the rest of who is away")
          .isInstanceOfSatisfying(
              ScoredGeneration.Refused.class,
              refused -> assertThat(refused.reason()).contains("next@7: ", "gone for lunch"));
    }
  }

  /** A model may write into what it was given: the group goes on as it came. */
  @Test
  void shouldKeepTheGroupWhenTheModelOverwritesItsInput() {
    ScoredGeneration outcome =
        score(
            block -> {
              RewardModel.Rewards rewards = sums(block);
              block.values()[0] = -1;
              block.contextValues()[0] = -1;
              return rewards;
            },
            group());
    assertThat(outcome)
        .isInstanceOfSatisfying(
            ScoredGeneration.Scored.class,
            scored -> assertThat(scored.generation()).isEqualTo(group()));
  }

  @Test
  void shouldCloseTheModelWhenItIsClosed() {
    List<String> closed = new ArrayList<>();
    RewardModel model =
        new RewardModel() {
          @Override
          public Rewards evaluate(Block block) {
            return sums(block);
          }

          @Override
          public void close() {
            closed.add("model");
          }
        };
    ScoredGeneration unused = score(model, group());
    assertThat(closed).containsExactly("model");
  }
}
