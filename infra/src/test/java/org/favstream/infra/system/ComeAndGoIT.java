// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.favstream.actors.weights.CheckpointStore;
import org.favstream.infra.run.NodeRole;
import org.favstream.learner.checkpoint.Checkpoint;
import org.favstream.learner.intake.Flow;
import org.favstream.learner.intake.Intake;
import org.favstream.learner.node.LearnerEvent;
import org.favstream.protocol.Codec;
import org.favstream.protocol.Generation;
import org.favstream.protocol.GroupId;
import org.favstream.protocol.LineageStep;
import org.favstream.protocol.MalformedRecordException;
import org.favstream.protocol.RewardVersion;
import org.favstream.protocol.ScoredGeneration;
import org.favstream.reward.model.RewardModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Several samplers and reward workers, some of which go, and a learner that begins anew. */
@ExtendWith(RealBroker.class)
class ComeAndGoIT {
  private final TestLog log;

  @TempDir private Path checkpoints;

  ComeAndGoIT(TestLog log) {
    this.log = log;
  }

  private static RewardModel.Rewards indifferent(RewardModel.Block block) {
    return new RewardModel.Rewards(new float[block.rows()], new float[block.rows() * block.d()]);
  }

  /** Every group that was emitted has an outcome; waits until the last of them has. */
  private void requireOutcomes(TestLoop loop) {
    Set<GroupId> emitted =
        log.readAll(loop.topics().generations(), Codec.GENERATION).stream()
            .map(Generation::id)
            .collect(Collectors.toSet());
    Set<GroupId> scored = new HashSet<>();
    log.readUntil(
        loop.topics().scores(),
        Codec.SCORED_GENERATION,
        all -> {
          all.forEach(outcome -> scored.add(outcome.id()));
          return scored.containsAll(emitted);
        });
  }

  /** Every step's groups, each trained at most once, as the lineage on the log has them. */
  private Set<GroupId> trained(TestLoop loop, long steps) throws MalformedRecordException {
    List<ConsumerRecord<String, byte[]>> scores = log.readAll(loop.topics().scores());
    Map<String, GroupId> places =
        scores.stream()
            .collect(
                Collectors.toMap(
                    record -> record.partition() + "@" + record.offset(),
                    record -> idOf(record.value())));
    List<LineageStep> lineage = log.readAll(loop.topics().lineage(), Codec.LINEAGE);
    assertThat(lineage)
        .extracting(LineageStep::step)
        .containsExactlyElementsOf(LongStream.rangeClosed(1, steps).boxed().toList());
    Set<GroupId> trained = new LinkedHashSet<>();
    for (LineageStep step : lineage) {
      for (LineageStep.GroupPosition at : step.groups()) {
        GroupId id = places.get(at.partition() + "@" + at.offset());
        assertThat(id).describedAs("%s of step %d", at, step.step()).isNotNull();
        assertThat(trained.add(id)).describedAs("%s is trained once", id).isTrue();
      }
    }
    return trained;
  }

  private static GroupId idOf(byte[] value) {
    try {
      return Codec.SCORED_GENERATION.decode(value).id();
    } catch (MalformedRecordException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldTrainTheGroupsOfAllSamplersWithinTheBound()
      throws InterruptedException, ExecutionException, TimeoutException, MalformedRecordException {
    try (TestLoop loop =
        new TestLoop(
            log,
            TestLoop.job("sampler.count=3", "reward.workers=3", "learner.max-lag=2"),
            checkpoints)) {
      loop.withLearner()
          .with(NodeRole.REWARD, "reward-a")
          .with(NodeRole.REWARD, "reward-b")
          .with(NodeRole.SAMPLER, "one")
          .with(NodeRole.SAMPLER, "two");
      LearnerEvent.Stepped stepped = loop.awaitStep(60);
      assertThat(stepped.samplers()).isEqualTo(6);
      LearnerEvent.Finished finished = loop.finish();
      assertThat(stepped.step().totals().lagMax()).isLessThanOrEqualTo(2);
      assertThat(stepped.refusals()).doesNotContainKey(Intake.Refusal.MISSING);
      assertThat(trained(loop, finished.weights().step()))
          .extracting(GroupId::sampler)
          .contains("one-0", "one-1", "one-2", "two-0", "two-1", "two-2");
    }
  }

  @Test
  void shouldScoreEveryGroupThoughARewardNodeGoesAndAnotherDies()
      throws InterruptedException, ExecutionException, TimeoutException, MalformedRecordException {
    AtomicInteger scored = new AtomicInteger();
    try (TestLoop loop = new TestLoop(log, TestLoop.job("sampler.count=4"), checkpoints)) {
      loop.withLearner()
          .with(NodeRole.REWARD, "leaves")
          .withReward(
              "dies",
              () ->
                  block -> {
                    if (scored.incrementAndGet() == 10) {
                      throw new StackOverflowError("the worker dies, with groups under way");
                    }
                    return indifferent(block);
                  },
              2)
          .with(NodeRole.SAMPLER, "sampler");
      long step = loop.awaitStep(12).step().step();
      loop.stop("leaves");
      LearnerEvent.Stepped stepped = loop.awaitStep(step + 60);
      assertThat(scored.get()).isGreaterThan(10);
      assertThat(stepped.refusals()).doesNotContainKey(Intake.Refusal.MISSING);
      assertThat(stepped.step().totals().lagMax()).isLessThanOrEqualTo(4);
      LearnerEvent.Finished finished = loop.finish();
      requireOutcomes(loop);
      assertThat(trained(loop, finished.weights().step())).isNotEmpty();
    }
  }

  @Test
  void shouldGoOnWithoutASamplerThatIsGone()
      throws InterruptedException, ExecutionException, TimeoutException {
    try (TestLoop loop =
        new TestLoop(
            log,
            TestLoop.job("learner.lease-timeout=1s", "learner.settle-deadline=1s"),
            checkpoints)) {
      loop.withLearner()
          .with(NodeRole.REWARD, "reward")
          .with(NodeRole.SAMPLER, "goes")
          .with(NodeRole.SAMPLER, "stays");
      LearnerEvent.Stepped both = loop.awaitStep(20);
      while (both.samplers() < 2) {
        both = loop.awaitStep(both.step().step() + 1);
      }
      loop.stop("goes");
      LearnerEvent.Stepped one = loop.awaitStep(both.step().step() + 1);
      while (one.samplers() > 1) {
        one = loop.awaitStep(one.step().step() + 1);
      }
      LearnerEvent.Stepped later = loop.awaitStep(one.step().step() + 20);
      assertThat(later.samplers()).isEqualTo(1);
      assertThat(later.step().totals().lagMax()).isLessThanOrEqualTo(4);
    }
  }

  @Test
  void shouldTrainNothingTwiceAndLoseNothingWhenTheLearnerBeginsAnew()
      throws InterruptedException, ExecutionException, TimeoutException, MalformedRecordException {
    try (TestLoop loop = new TestLoop(log, TestLoop.job("sampler.count=2"), checkpoints)) {
      loop.withLearner().with(NodeRole.REWARD, "reward").with(NodeRole.SAMPLER, "sampler");
      long step = 0;
      for (int life = 0; life < 3; life++) {
        LearnerEvent.Begun begun = loop.awaitBegun();
        assertThat(begun.resumed()).isEqualTo(life > 0);
        assertThat(begun.step()).isLessThanOrEqualTo(step);
        step = loop.awaitStep(begun.step() + 15).step().step();
        if (life < 2) {
          loop.stop("learner");
          loop.withLearner();
        }
      }
      LearnerEvent.Stepped last = loop.awaitStep(step + 10);
      assertThat(last.refusals()).doesNotContainKeys(Intake.Refusal.MISSING);
      assertThat(last.step().totals().refused()).isZero();
      assertThat(last.step().totals().lagMax()).isLessThanOrEqualTo(4);
      LearnerEvent.Finished finished = loop.finish();
      Set<GroupId> trained = trained(loop, finished.weights().step());
      requireOutcomes(loop);

      // What was scored and not trained is what was still on its way at the end.
      Map<String, Long> highest =
          trained.stream().collect(Collectors.toMap(GroupId::key, GroupId::counter, Math::max));
      List<GroupId> passedOver =
          log.readAll(loop.topics().scores(), Codec.SCORED_GENERATION).stream()
              .map(ScoredGeneration::id)
              .filter(id -> id.counter() < highest.getOrDefault(id.key(), -1L))
              .filter(id -> !trained.contains(id))
              .toList();
      assertThat(passedOver).isEmpty();
    }
  }

  @Test
  void shouldMakeKnownTheLineageOfACheckpointWhoseVersionNobodySaw()
      throws InterruptedException,
          ExecutionException,
          TimeoutException,
          IOException,
          MalformedRecordException {
    CheckpointStore store = new CheckpointStore(checkpoints, 3);
    try (TestLoop loop = new TestLoop(log, TestLoop.job(), checkpoints)) {
      loop.withLearner().with(NodeRole.REWARD, "reward").with(NodeRole.SAMPLER, "sampler");
      assertThat(loop.awaitBegun().resumed()).isFalse();
      loop.awaitStep(10);
      loop.stop("learner");
      // As a learner leaves it that took a step, kept it, and was killed before it published.
      Checkpoint kept = store.newest(Checkpoint::fromFile).orElseThrow();
      Checkpoint.Progress before = kept.progress();
      LineageStep unseen =
          new LineageStep(
              before.run(),
              1,
              before.step() + 1,
              before.flow().version() + 100,
              List.of(),
              new RewardVersion("eight-gaussians", 1),
              before.draws(),
              before.configSha256(),
              kept.weights().sha256(),
              kept.weights().sha256(),
              "a-test");
      Flow.State flow = before.flow();
      store.write(
          flow.version() + 100,
          new Checkpoint(
                  new Checkpoint.Progress(
                      before.run(),
                      before.configSha256(),
                      before.step() + 1,
                      before.draws() + 1,
                      new Flow.State(
                          flow.version() + 100, flow.consumed(), flow.positions(), flow.granted()),
                      before.totals(),
                      List.of(unseen)),
                  kept.weights(),
                  kept.moments())
              .toFile());
      loop.withLearner();
      assertThat(loop.awaitBegun().step()).isEqualTo(before.step() + 1);
      loop.finish();
      loop.stop("learner");
      assertThat(log.readAll(loop.topics().lineage(), Codec.LINEAGE)).containsOnlyOnce(unseen);
    }
  }
}
