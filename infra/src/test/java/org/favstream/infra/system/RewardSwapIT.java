// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.favstream.actors.registry.RewardTimeline;
import org.favstream.infra.run.NodeRole;
import org.favstream.learner.intake.Intake;
import org.favstream.learner.node.LearnerEvent;
import org.favstream.protocol.Codec;
import org.favstream.protocol.Generation;
import org.favstream.protocol.GroupId;
import org.favstream.protocol.LineageStep;
import org.favstream.protocol.MalformedRecordException;
import org.favstream.protocol.RegistryEvent;
import org.favstream.protocol.RewardDefinition;
import org.favstream.protocol.RewardVersion;
import org.favstream.protocol.ScoredGeneration;
import org.favstream.reward.model.RewardModel;
import org.favstream.reward.node.RewardSource;
import org.favstream.reward.node.VersionedReward;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Rewards that change under full load, while reward nodes come and go. */
@ExtendWith(RealBroker.class)
class RewardSwapIT {
  private static final RewardVersion OWN = new RewardVersion("eight-gaussians", 1);

  private final TestLog log;
  private final AtomicInteger sources = new AtomicInteger();

  @TempDir private Path checkpoints;

  RewardSwapIT(TestLog log) {
    this.log = log;
  }

  /** Any version there may be: each gives every particle its own number as the reward. */
  private RewardSource numbered() {
    sources.incrementAndGet();
    return new RewardSource() {
      @Override
      public VersionedReward open(Function<RewardVersion, Optional<RewardDefinition>> definitions) {
        return new VersionedReward() {
          @Override
          public Current current(RewardVersion wanted) {
            return new Current(
                wanted,
                block -> {
                  float[] values = new float[block.rows()];
                  Arrays.fill(values, (float) wanted.version());
                  return new RewardModel.Rewards(values, new float[block.rows() * block.d()]);
                },
                Optional.empty());
          }

          @Override
          public void close() {}
        };
      }

      @Override
      public void close() {}
    };
  }

  private void activate(TestLoop loop, Producer<String, byte[]> producer, long number)
      throws InterruptedException, ExecutionException, TimeoutException {
    RegistryEvent event =
        new RegistryEvent.Activated(
            new RegistryEvent.Origin(loop.node().run(), loop.node().clock().millis(), "a test"),
            new RewardVersion("r", 2 + number % 2),
            number,
            log.ends(loop.topics().generations()),
            0,
            false,
            "");
    TestLog.send(producer, loop.topics().rewardRegistry(), 0, Codec.REGISTRY.encode(event));
  }

  /** What the log says of all of it, once it has ended. */
  private void requireSound(TestLoop loop, long steps) throws MalformedRecordException {
    RewardTimeline timeline = RewardTimeline.of(OWN);
    for (RegistryEvent event : log.readAll(loop.topics().rewardRegistry(), Codec.REGISTRY)) {
      timeline = timeline.with(event);
    }
    Map<String, ScoredGeneration> scores =
        log.readAll(loop.topics().scores()).stream()
            .collect(
                Collectors.toMap(
                    record -> record.partition() + "@" + record.offset(), RewardSwapIT::scored));
    Set<GroupId> trained = new HashSet<>();
    List<LineageStep> lineage = log.readAll(loop.topics().lineage(), Codec.LINEAGE);
    assertThat(lineage).hasSize((int) steps);
    for (LineageStep step : lineage) {
      Set<Long> activations = new HashSet<>();
      for (LineageStep.GroupPosition at : step.groups()) {
        ScoredGeneration.Scored group =
            (ScoredGeneration.Scored)
                Objects.requireNonNull(
                    scores.get(at.partition() + "@" + at.offset()), "a step's group");
        assertThat(trained.add(group.id())).describedAs("%s is trained once", group.id()).isTrue();
        activations.add(group.scoring().activation());
        assertThat(group.reward()).isEqualTo(step.reward());
        assertThat(group.reward())
            .describedAs("the reward of its activation")
            .isEqualTo(timeline.get(group.scoring().activation()).reward());
        assertThat(group.rewards().toArray()).containsOnly((float) group.reward().version());
      }
      assertThat(activations).describedAs("of step %d", step.step()).hasSize(1);
    }
    requireOutcomes(loop, timeline);
  }

  /** Every group that was emitted has the score that is its own; waits for the last of them. */
  private void requireOutcomes(TestLoop loop, RewardTimeline timeline) {
    Map<GroupId, Long> own =
        log.readAll(loop.topics().generations()).stream()
            .collect(
                Collectors.toMap(
                    record -> generation(record).id(),
                    record -> timeline.at(record.partition(), record.offset()).number()));
    assertThat(own).isNotEmpty();
    log.readUntil(
        loop.topics().scores(),
        Codec.SCORED_GENERATION,
        all ->
            all.stream()
                .filter(score -> own.getOrDefault(score.id(), -1L) == score.scoring().activation())
                .map(ScoredGeneration::id)
                .collect(Collectors.toSet())
                .containsAll(own.keySet()));
  }

  private static ScoredGeneration scored(ConsumerRecord<String, byte[]> record) {
    try {
      return Codec.SCORED_GENERATION.decode(record.value());
    } catch (MalformedRecordException e) {
      throw new AssertionError(e);
    }
  }

  private static Generation generation(ConsumerRecord<String, byte[]> record) {
    try {
      return Codec.GENERATION.decode(record.value());
    } catch (MalformedRecordException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldLoseMixAndRestartNothingInFiftySwapsUnderLoad()
      throws InterruptedException, ExecutionException, TimeoutException, MalformedRecordException {
    try (TestLoop loop =
            new TestLoop(
                log, TestLoop.job("sampler.count=3", "learner.groups-per-step=3"), checkpoints);
        Producer<String, byte[]> producer = log.producer(Map.of())) {
      loop.withLearner()
          .withRewards("reward-a", this::numbered, 2)
          .withRewards("reward-b", this::numbered, 2)
          .with(NodeRole.SAMPLER, "sampler");
      long step = loop.awaitStep(10).step().step();
      for (int number = 1; number <= 50; number++) {
        activate(loop, producer, number);
        loop.awaitActivation(number);
        step = loop.awaitStep(step + 4).step().step();
      }
      LearnerEvent.Stepped last = loop.awaitStep(step + 20);
      assertThat(last.refusals().keySet())
          .isSubsetOf(Intake.Refusal.STALE_REWARD, Intake.Refusal.DUPLICATE);
      assertThat(last.step().totals().refused()).isZero();
      assertThat(last.step().totals().lagMax()).isLessThanOrEqualTo(4);
      requireSound(loop, loop.finish().weights().step());
      assertThat(sources).describedAs("no reward node began anew").hasValue(2);
    }
  }

  @Test
  void shouldTakeTheActiveRewardWhenANodeJoinsOrWasAway()
      throws InterruptedException, ExecutionException, TimeoutException, MalformedRecordException {
    try (TestLoop loop = new TestLoop(log, TestLoop.job("sampler.count=2"), checkpoints);
        Producer<String, byte[]> producer = log.producer(Map.of())) {
      loop.withLearner().withRewards("leaves", this::numbered, 1).with(NodeRole.SAMPLER, "sampler");
      long step = loop.awaitStep(10).step().step();
      activate(loop, producer, 1);
      loop.awaitActivation(1);
      loop.stop("leaves");
      activate(loop, producer, 2); // nobody is there to hear of it
      loop.awaitActivation(2);
      loop.withRewards("comes", this::numbered, 1);
      LearnerEvent.Stepped stepped = loop.awaitStep(step + 30);
      loop.withRewards("late", this::numbered, 1);
      stepped = loop.awaitStep(stepped.step().step() + 30);
      assertThat(stepped.refusals().keySet())
          .isSubsetOf(Intake.Refusal.STALE_REWARD, Intake.Refusal.DUPLICATE);
      requireSound(loop, loop.finish().weights().step());
    }
  }
}
