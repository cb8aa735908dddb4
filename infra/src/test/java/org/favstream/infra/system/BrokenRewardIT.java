// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.favstream.infra.run.NodeRole;
import org.favstream.learner.intake.Intake;
import org.favstream.learner.node.LearnerEvent;
import org.favstream.protocol.Codec;
import org.favstream.protocol.DeadLetter;
import org.favstream.protocol.ScoredGeneration;
import org.favstream.reward.model.RewardModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A reward that cannot score some groups: they are refused and counted, the others are trained. */
@ExtendWith(RealBroker.class)
class BrokenRewardIT {
  private static final Map<Long, String> REASONS =
      Map.of(
          1L, "the reward of particle 3 is NaN",
          2L, "the reward failed: the simulator has no such reaction",
          3L, "the gradient of particle 1 is Infinity",
          4L, "it gave 1 rewards and 64 gradient numbers, expected 32 and 64");

  private final TestLog log;

  @TempDir private Path checkpoints;

  BrokenRewardIT(TestLog log) {
    this.log = log;
  }

  /** Which of a sampler's groups it fails at, and how. */
  private static long fault(long counter) {
    return counter % 7;
  }

  private static RewardModel.Rewards broken(RewardModel.Block block) {
    float[] values = new float[block.rows()];
    float[] gradients = new float[block.rows() * block.d()];
    switch ((int) fault(block.draw().counter())) {
      case 1 -> values[3] = Float.NaN;
      case 2 -> throw new IllegalStateException("the simulator has no such reaction");
      case 3 -> gradients[block.d()] = Float.POSITIVE_INFINITY;
      case 4 -> values = new float[1];
      default -> {
        // Every reward is 0: sound, if dull.
      }
    }
    return new RewardModel.Rewards(values, gradients);
  }

  @Test
  void shouldCountWhatCannotBeScoredAndTrainTheRest()
      throws InterruptedException, ExecutionException, TimeoutException {
    try (TestLoop loop = new TestLoop(log, TestLoop.job(), checkpoints)) {
      loop.withLearner()
          .withReward("reward", () -> BrokenRewardIT::broken, 2)
          .with(NodeRole.SAMPLER, "sampler");
      LearnerEvent.Stepped stepped = loop.awaitStep(30);
      // At step 30 at least 29 sound groups went before, and so at least 4 · 9 broken ones.
      assertThat(stepped.refusals()).containsOnlyKeys(Intake.Refusal.UNSCORED);
      assertThat(stepped.refusals().get(Intake.Refusal.UNSCORED)).isGreaterThanOrEqualTo(36);
      assertThat(stepped.step().totals().refused()).isPositive();
      assertThat(stepped.step().totals().lagMax()).isLessThanOrEqualTo(4);
      loop.finish();

      List<ScoredGeneration> scores = log.readAll(loop.topics().scores(), Codec.SCORED_GENERATION);
      assertThat(scores).hasSizeGreaterThan(60);
      for (ScoredGeneration outcome : scores) {
        String reason = REASONS.get(fault(outcome.id().counter()));
        if (reason == null) {
          assertThat(outcome).isInstanceOf(ScoredGeneration.Scored.class);
        } else {
          assertThat(outcome)
              .isInstanceOfSatisfying(
                  ScoredGeneration.Refused.class,
                  refused ->
                      assertThat(refused.reason()).isEqualTo(refused.reward() + ": " + reason));
        }
      }
      List<DeadLetter> letters = log.readAll(loop.topics().deadLetters(), Codec.DEAD_LETTER);
      assertThat(letters)
          .hasSizeGreaterThanOrEqualTo(36)
          .allSatisfy(
              letter -> {
                assertThat(letter.topic()).isEqualTo(loop.topics().generations());
                assertThat(letter.node()).isEqualTo("reward");
              });
    }
  }
}
