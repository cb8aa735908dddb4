// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.favstream.actors.weights.PublishedWeights;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.actors.weights.WeightsLog;
import org.favstream.infra.job.Job;
import org.favstream.infra.job.JobCatalog;
import org.favstream.infra.run.NodeRole;
import org.favstream.learner.node.LearnerEvent;
import org.favstream.protocol.Codec;
import org.favstream.protocol.DeadLetter;
import org.favstream.protocol.LineageStep;
import org.favstream.protocol.RewardVersion;
import org.favstream.protocol.ScoredGeneration;
import org.favstream.protocol.Tensor;
import org.favstream.protocol.Transitions;
import org.favstream.protocol.WeightsRecord;
import org.favstream.reward.node.ActiveReward;
import org.favstream.reward.node.RewardControl;
import org.favstream.reward.registry.NewReward;
import org.favstream.reward.registry.RefusedException;
import org.favstream.reward.registry.RewardOperations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A policy, its critics and a fleet on a real broker. */
@ExtendWith(RealBroker.class)
class PolicyRunIT {
  private static final String ARM = "great-devious-beetle";
  private static final Duration TRIAL = Duration.ofSeconds(60);

  /** So small that a step takes no time to speak of. */
  private static final List<String> SMALL =
      List.of(
          "generator.hidden=[16,16]",
          "critic.hidden=[16,16]",
          "critic.batch=32",
          "critic.states=16",
          "critic.publish-every=2",
          "critic.checkpoint-every=1",
          "sampler.contexts-per-group=16",
          "sampler.particles-per-context=4",
          "dataset.episodes=3",
          "environment.copies=2",
          "fleet.control-period=1ms",
          "fleet.segment=20",
          "fleet.begin-at-step=4",
          "sampler.device=cpu",
          "reward.device=cpu",
          "critic.device=cpu",
          "learner.device=cpu");

  @TempDir private Path checkpoints;

  private final TestLog log;

  PolicyRunIT(TestLog log) {
    this.log = log;
  }

  private static Job job(String... more) {
    return JobCatalog.load("arm-tracking", Stream.concat(SMALL.stream(), Stream.of(more)).toList());
  }

  private TestLoop loop() {
    return new TestLoop(log, job("critic.patience=1s"), checkpoints)
        .withLearner()
        .with(NodeRole.REWARD, "reward")
        .with(NodeRole.SAMPLER, "sampler")
        .with(NodeRole.CRITIC, "critic")
        .with(NodeRole.FLEET, "fleet");
  }

  private List<WeightsRecord.Manifest> critics(TestLoop loop) {
    return log.readAll(loop.topics().rewardModels(), Codec.WEIGHTS).stream()
        .filter(WeightsRecord.Manifest.class::isInstance)
        .map(WeightsRecord.Manifest.class::cast)
        .toList();
  }

  @Test
  void shouldAlignAPolicyWithItsCriticsWhileAFleetActs()
      throws InterruptedException, ExecutionException, TimeoutException {
    try (TestLoop loop = loop()) {
      LearnerEvent.Stepped stepped = loop.awaitStep(40);
      assertThat(stepped.step().totals().refused()).isZero();
      List<Transitions> lived =
          log.readUntil(
              loop.topics().transitions(),
              Codec.TRANSITIONS,
              all -> all.stream().mapToInt(Transitions::steps).sum() >= 100);
      assertThat(lived)
          .allSatisfy(
              part -> {
                assertThat(part.environment()).isEqualTo(ARM);
                assertThat(part.source()).isEqualTo("fleet");
                assertThat(part.weightsVersion()).isPresent(); // made by a step that may act
                assertThat(part.weightsVersion().orElseThrow()).isPositive();
              });
      List<ScoredGeneration> scores =
          log.readUntil(loop.topics().scores(), Codec.SCORED_GENERATION, all -> all.size() >= 40);
      assertThat(scores)
          .extracting(score -> score.reward().name())
          .containsOnly("critic"); // and of several versions:
      assertThat(scores).extracting(score -> score.reward().version()).doesNotContain(0L);
      assertThat(scores.stream().map(score -> score.reward().version()).distinct().count())
          .isGreaterThan(3);
    }
  }

  @Test
  void shouldGoOnFromItsCheckpointWhenTheCriticsTrainerComesBack()
      throws InterruptedException, ExecutionException, TimeoutException {
    try (TestLoop loop = loop()) {
      loop.awaitStep(20);
      loop.stop("critic");
      List<WeightsRecord.Manifest> before = critics(loop);
      loop.with(NodeRole.CRITIC, "critic");
      long reached = loop.awaitStep(20).step().step();
      loop.awaitStep(reached + 40);
      List<WeightsRecord.Manifest> after = critics(loop);
      assertThat(after)
          .extracting(WeightsRecord.Manifest::version)
          .isSorted()
          .doesNotHaveDuplicates();
      WeightsRecord.Manifest last = before.get(before.size() - 1);
      WeightsRecord.Manifest first =
          after.stream().filter(next -> next.epoch() > last.epoch()).findFirst().orElseThrow();
      // It lost no more updates than since the checkpoint that was under way.
      assertThat(first.step()).isBetween(last.step() - 4, last.step() + 4);
    }
  }

  @Test
  void shouldRefuseByNameWhatAnotherRobotLivedThroughAndTakeAPersonsWhenItFits()
      throws InterruptedException, ExecutionException, TimeoutException {
    try (TestLoop loop = loop();
        Producer<String, byte[]> producer = log.producer(Map.of())) {
      long step = loop.awaitStep(5).step().step();
      for (Transitions lived :
          List.of(
              person(loop, "thoughtful-steel-butterfly", 0.5f),
              person(loop, ARM, Float.NaN),
              person(loop, ARM, 0.5f))) {
        TestLog.send(producer, loop.topics().transitions(), 1, Codec.TRANSITIONS.encode(lived));
      }
      List<DeadLetter> letters =
          log.readUntil(loop.topics().deadLetters(), Codec.DEAD_LETTER, all -> all.size() >= 2);
      loop.awaitStep(step + 30);
      assertThat(letters)
          .extracting(DeadLetter::reason)
          .satisfiesExactly(
              reason ->
                  assertThat(reason).contains("thoughtful-steel-butterfly", "human:alice", ARM),
              reason -> assertThat(reason).contains("action", "NaN"));
      assertThat(log.readAll(loop.topics().deadLetters(), Codec.DEAD_LETTER)).hasSize(2);
    }
  }

  @Test
  void shouldSwapToAnEnsembleOfItsCriticAndBackAndSayWhichCriticScored()
      throws InterruptedException, ExecutionException, TimeoutException, RefusedException {
    try (TestLoop loop = loop();
        RewardControl control = job().rewards().control(loop.node(), "control", TRIAL)) {
      loop.awaitStep(10);
      control.add(of("bold", "sum", Map.of(), new NewReward.Term("critic", 2)), "alice");
      control.add(
          of(
              "careful",
              "ensemble",
              Map.of("aggregate", "lcb:0.5"),
              new NewReward.Term("critic", 1),
              new NewReward.Term("bold", 1)),
          "alice");
      control.activate(
          "careful", new RewardOperations.ActivationRequest(false, 0, "a test"), "alice");
      loop.awaitActivation(1);
      List<ScoredGeneration> scores =
          log.readUntil(
              loop.topics().scores(),
              Codec.SCORED_GENERATION,
              all -> critics(all, "careful").distinct().count() > 3);
      assertThat(scores).allSatisfy(PolicyRunIT::requireItsCritic);
      control.rollback("a test", "alice");
      loop.awaitActivation(2);
      List<LineageStep> lineage =
          log.readUntil(
              loop.topics().lineage(), Codec.LINEAGE, all -> last(all) > lastOf(all, "careful"));
      assertThat(lineage.stream().map(taken -> taken.reward().name()))
          .containsSubsequence("critic", "careful", "critic")
          .containsOnly("critic", "careful");
    }
  }

  /** Whoever only wants to measure must not wait for a critic that may never come. */
  @Test
  void shouldSayWhetherThereIsACriticYet()
      throws InterruptedException, ExecutionException, TimeoutException {
    Job job = job();
    try (TestLoop loop = new TestLoop(log, job, checkpoints).withLearner();
        ActiveReward reward =
            new ActiveReward(loop.node(), "watch", job.rewards().of(loop.node(), "watch"))) {
      assertThat(reward.await(Duration.ZERO)).isFalse();
      loop.with(NodeRole.CRITIC, "critic");
      assertThat(reward.await(TRIAL)).isTrue();
      assertThat(reward.model(reward.activation())).isNotNull();
    }
  }

  private static long last(List<LineageStep> lineage) {
    return lineage.stream().mapToLong(LineageStep::step).max().orElse(0);
  }

  /** The last step that was taken with a reward; beyond all where there is none yet. */
  private static long lastOf(List<LineageStep> lineage, String reward) {
    return lineage.stream()
        .filter(step -> step.reward().name().equals(reward))
        .mapToLong(LineageStep::step)
        .max()
        .orElse(Long.MAX_VALUE);
  }

  private static NewReward of(
      String name, String kind, Map<String, String> settings, NewReward.Term... members) {
    return new NewReward(name, false, kind, settings, List.of(members), Optional.empty());
  }

  private static Stream<RewardVersion> critics(List<ScoredGeneration> scores, String reward) {
    return scores.stream()
        .filter(score -> score.reward().name().equals(reward))
        .flatMap(score -> score.scoring().critic().stream());
  }

  private static void requireItsCritic(ScoredGeneration score) {
    assertThat(score).isInstanceOf(ScoredGeneration.Scored.class);
    if (score.reward().name().equals("careful")) {
      assertThat(score.reward().version()).isEqualTo(1);
      assertThat(score.scoring().critic().orElseThrow().name()).isEqualTo("critic");
      assertThat(score.scoring().critic().orElseThrow().version()).isPositive();
    } else {
      assertThat(score.reward().name()).isEqualTo("critic"); // its version says which
      assertThat(score.scoring().critic()).isEmpty();
    }
  }

  /** Read one by one, earlier steps would look like progress of the learner. */
  @Test
  void shouldMakeNoUpdatesForStepsThatWereTakenBeforeTheCriticsTrainerCame()
      throws InterruptedException, ExecutionException, TimeoutException, WeightsException {
    Job job =
        job(
            "critic.patience=1h",
            "critic.publish-every=1000",
            "kafka.consumer.\"max.poll.records\"=1");
    long stepsBefore = 300_000;
    int rounds = 8;
    try (TestLoop loop = new TestLoop(log, job, checkpoints);
        Producer<String, byte[]> learner = log.producer(Map.of())) {
      for (long step = 0; step <= stepsBefore; step += 1000) {
        publish(loop, learner, job.initialWeights(), step);
      }
      loop.with(NodeRole.CRITIC, "critic");
      int due = (int) job.critic(checkpoints).underWay();
      for (int round = 1; round <= rounds; round++) {
        awaitStates(loop, due);
        publish(loop, learner, job.initialWeights(), stepsBefore + round);
        due++;
      }
      awaitStates(loop, due);
      loop.stop("critic");
      assertThat(log.readAll(loop.topics().contexts(), Codec.STATES)).hasSize(due);
    }
  }

  private void awaitStates(TestLoop loop, int count) {
    log.readUntil(loop.topics().contexts(), Codec.STATES, all -> all.size() >= count);
  }

  private static void publish(
      TestLoop loop, Producer<String, byte[]> learner, Weights weights, long step) {
    WeightsLog.records(loop.node().run(), new PublishedWeights(step, 1, step, weights, 0))
        .forEach(
            (key, record) -> {
              Future<RecordMetadata> unused =
                  learner.send(
                      new ProducerRecord<>(
                          loop.topics().weights(), key, Codec.WEIGHTS.encode(record)));
            });
    learner.flush();
  }

  private static Transitions person(TestLoop loop, String robot, float action) {
    return new Transitions(
        loop.node().run(),
        robot,
        "human:alice",
        "session-1/0",
        0,
        OptionalLong.empty(),
        Tensor.of(new int[] {2, 12}, new float[24]),
        Tensor.of(new int[] {1, 2}, new float[] {action, 0}),
        Tensor.of(new int[] {1}, new float[] {-1}),
        Transitions.Ending.TRUNCATED,
        "");
  }
}
