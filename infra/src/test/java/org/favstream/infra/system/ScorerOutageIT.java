// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.kafka.clients.producer.Producer;
import org.favstream.infra.job.Job;
import org.favstream.infra.run.NodeRole;
import org.favstream.learner.intake.Intake;
import org.favstream.learner.node.LearnerEvent;
import org.favstream.protocol.Codec;
import org.favstream.protocol.Generation;
import org.favstream.protocol.GroupId;
import org.favstream.protocol.LineageStep;
import org.favstream.protocol.RegistryEvent;
import org.favstream.protocol.RewardDefinition;
import org.favstream.protocol.RewardVersion;
import org.favstream.protocol.ScoredGeneration;
import org.favstream.reward.model.RewardModel;
import org.favstream.reward.model.RewardUnavailableException;
import org.favstream.reward.node.RewardSource;
import org.favstream.reward.node.VersionedReward;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A reward that is away for a while: groups wait for it, samplers with them, and none is lost. */
@ExtendWith(RealBroker.class)
class ScorerOutageIT {
  private static final RewardVersion NEXT = new RewardVersion("next", 1);

  /** More steps than groups may be under way. */
  private static final long BEYOND_CREDITS = 60;

  private final TestLog log;
  private final BlockingQueue<RewardModel.Block> inVain = new LinkedBlockingQueue<>();
  private volatile boolean away;

  @TempDir private Path checkpoints;

  ScorerOutageIT(TestLog log) {
    this.log = log;
  }

  private static RewardModel.Rewards zeros(RewardModel.Block block) {
    return new RewardModel.Rewards(new float[block.rows()], new float[block.rows() * block.d()]);
  }

  private static RewardModel.Rewards ones(RewardModel.Block block) {
    RewardModel.Rewards ones = zeros(block);
    Arrays.fill(ones.values(), 1);
    return ones;
  }

  private static long ofOnes(List<ScoredGeneration> scores) {
    return scores.stream()
        .filter(
            score -> score instanceof ScoredGeneration.Scored scored && scored.rewards().at(0) == 1)
        .count();
  }

  private RewardModel.Rewards own(RewardModel.Block block) {
    if (away) {
      inVain.add(block);
      throw new RewardUnavailableException("the scorer is out for lunch");
    }
    return ones(block);
  }

  /** The job's own reward, which may be away, and another one, which is not. */
  private RewardSource rewards() {
    return new RewardSource() {
      @Override
      public VersionedReward open(Function<RewardVersion, Optional<RewardDefinition>> definitions) {
        RewardModel own = ScorerOutageIT.this::own;
        return new VersionedReward() {
          @Override
          public Current current(RewardVersion wanted) {
            RewardModel model = wanted.equals(NEXT) ? ScorerOutageIT::zeros : own;
            return VersionedReward.fixed(wanted, model).current(wanted);
          }

          @Override
          public void close() {}
        };
      }

      @Override
      public void close() {}
    };
  }

  private TestLoop loop() {
    return new TestLoop(log, TestLoop.job("sampler.count=2"), checkpoints);
  }

  /** Goes away, and returns once each of two workers has asked in vain, and then again. */
  private void goAway() throws InterruptedException {
    inVain.clear();
    away = true;
    for (int i = 0; i < 4; i++) {
      assertThat(inVain.poll(60, TimeUnit.SECONDS)).describedAs("what waits").isNotNull();
    }
  }

  private Set<GroupId> emitted(TestLoop loop) {
    Set<GroupId> ids = new HashSet<>();
    log.readAll(loop.topics().generations(), Codec.GENERATION).stream()
        .map(Generation::id)
        .forEach(ids::add);
    return ids;
  }

  private long steps(TestLoop loop) {
    return log.readAll(loop.topics().lineage(), Codec.LINEAGE).stream()
        .mapToLong(LineageStep::step)
        .max()
        .orElse(0);
  }

  private List<ScoredGeneration> scores(TestLoop loop) {
    return log.readAll(loop.topics().scores(), Codec.SCORED_GENERATION);
  }

  @Test
  void shouldKeepGroupsUntilTheScorerIsBack()
      throws InterruptedException, ExecutionException, TimeoutException {
    try (TestLoop loop = loop()) {
      loop.withLearner().withRewards("reward", this::rewards, 2).with(NodeRole.SAMPLER, "sampler");
      long step = loop.awaitStep(10).step().step();
      goAway();
      // Credits are for 5 versions of 4 groups: no more than those can be waiting.
      assertThat(emitted(loop).size() - scores(loop).size()).isBetween(1, 20);
      Set<GroupId> waiting = emitted(loop);
      away = false;
      LearnerEvent.Stepped last = loop.awaitStep(step + 60);
      assertThat(last.refusals()).isEmpty();
      assertThat(last.step().totals().refused()).isZero();
      assertThat(last.step().totals().lagMax()).isLessThanOrEqualTo(4);
      loop.finish();
      List<ScoredGeneration> all = scores(loop);
      assertThat(all).hasOnlyElementsOfType(ScoredGeneration.Scored.class);
      assertThat(all.stream().map(ScoredGeneration::id)).containsAll(waiting);
      assertThat(log.readAll(loop.topics().deadLetters())).isEmpty();
    }
  }

  @Test
  void shouldHandGroupsOverWhenANodeEndsThatWaits()
      throws InterruptedException, ExecutionException, TimeoutException {
    try (TestLoop loop = loop()) {
      loop.withLearner().withRewards("waits", this::rewards, 2).with(NodeRole.SAMPLER, "sampler");
      long step = loop.awaitStep(10).step().step();
      goAway();
      loop.stop("waits");
      loop.withReward("works", () -> ScorerOutageIT::zeros, 1);
      LearnerEvent.Stepped last = loop.awaitStep(step + 40);
      assertThat(last.refusals().keySet()).isSubsetOf(Intake.Refusal.DUPLICATE);
      loop.finish();
      assertThat(scores(loop)).hasOnlyElementsOfType(ScoredGeneration.Scored.class);
    }
  }

  @Test
  void shouldLeaveGroupsToAnotherNodeWhichReachesTheScorerAndTakeItsShareAgainLater()
      throws InterruptedException, ExecutionException, TimeoutException {
    // No group is given up in this test: who holds one to the end holds the run up. Eight samplers,
    // so that their groups are on many partitions, and each node has some of them.
    Job job = TestLoop.job("sampler.count=8", "learner.settle-deadline=10m");
    try (TestLoop loop = new TestLoop(log, job, checkpoints)) {
      loop.withLearner()
          .withRewards("cut-off", this::rewards, 2)
          .withReward("works", () -> ScorerOutageIT::zeros, 2)
          .with(NodeRole.SAMPLER, "sampler");
      for (int round = 0; round < 2; round++) {
        long before = ofOnes(scores(loop));
        log.readUntil(
            loop.topics().scores(), Codec.SCORED_GENERATION, all -> ofOnes(all) > before + 4);
        goAway();
        LearnerEvent.Stepped last = loop.awaitStep(steps(loop) + BEYOND_CREDITS);
        assertThat(last.step().totals().refused()).isZero();
        away = round == 1;
      }
      loop.stop("cut-off");
      loop.finish();
      assertThat(scores(loop)).hasOnlyElementsOfType(ScoredGeneration.Scored.class);
      assertThat(log.readAll(loop.topics().deadLetters())).isEmpty();
    }
  }

  @Test
  void shouldGoOnWithAnotherRewardWhileItIsAway()
      throws InterruptedException, ExecutionException, TimeoutException {
    try (TestLoop loop = loop();
        Producer<String, byte[]> producer = log.producer(Map.of())) {
      loop.withLearner().withRewards("reward", this::rewards, 2).with(NodeRole.SAMPLER, "sampler");
      long step = loop.awaitStep(10).step().step();
      goAway();
      RegistryEvent event =
          new RegistryEvent.Activated(
              new RegistryEvent.Origin(loop.node().run(), loop.node().clock().millis(), "a test"),
              NEXT,
              1,
              log.ends(loop.topics().generations()),
              0,
              false,
              "");
      TestLog.send(producer, loop.topics().rewardRegistry(), 0, Codec.REGISTRY.encode(event));
      LearnerEvent.Stepped last = loop.awaitStep(step + 30);
      // What stood before the fence would have been the other's, and makes room by being refused.
      assertThat(last.refusals().keySet())
          .contains(Intake.Refusal.UNSCORED)
          .isSubsetOf(
              Intake.Refusal.UNSCORED, Intake.Refusal.STALE_REWARD, Intake.Refusal.DUPLICATE);
      loop.finish();
      assertThat(scores(loop))
          .filteredOn(ScoredGeneration.Refused.class::isInstance)
          .isNotEmpty()
          .allSatisfy(
              refused ->
                  assertThat(((ScoredGeneration.Refused) refused).reason())
                      .contains(
                          "the scorer is out for lunch; it is not waited for, as next@1 is active"));
    }
  }
}
