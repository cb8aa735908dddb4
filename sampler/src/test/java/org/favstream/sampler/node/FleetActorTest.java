// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.node;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.favstream.actors.weights.PublishedWeights;
import org.favstream.protocol.Codec;
import org.favstream.protocol.Transitions;
import org.favstream.sampler.environment.EnvironmentException;
import org.favstream.sampler.environment.EnvironmentSource;
import org.favstream.sampler.fleet.EpisodeSettings;
import org.favstream.sampler.fleet.EpisodeSettings.OnMissedDeadline;
import org.favstream.sampler.fleet.FleetEvent;
import org.favstream.sampler.fleet.TestPolicy;
import org.favstream.sampler.fleet.WatchedPoints;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A worker and the weights that it is told of, with a producer that keeps what it is given. */
class FleetActorTest {
  private static final FleetSettings SETTINGS =
      new FleetSettings(
          1, new EpisodeSettings(50, Duration.ZERO, OnMissedDeadline.ZERO), List.of(), 15, "cpu");

  private final ActorTestKit kit = ActorTestKit.create();
  private final TestProbe<FleetEvent> events = kit.createTestProbe();
  private final AtomicLong incarnations = new AtomicLong(7);
  private final BlockingQueue<WatchedPoints> opened = new LinkedBlockingQueue<>();
  private final TestPolicy policy = TestPolicy.constant();
  private MockProducer<String, byte[]> producer = producer(true);

  private static MockProducer<String, byte[]> producer(boolean acknowledging) {
    return new MockProducer<>(
        acknowledging, null, new StringSerializer(), new ByteArraySerializer());
  }

  @BeforeEach
  void listen() {
    kit.system().eventStream().tell(new EventStream.Subscribe<>(FleetEvent.class, events.getRef()));
  }

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  private ActorRef<FleetActor.Command> worker() {
    return worker(
        () -> {
          WatchedPoints points = new WatchedPoints(1);
          opened.add(points);
          return points;
        });
  }

  private ActorRef<FleetActor.Command> worker(EnvironmentSource environment) {
    return kit.spawn(
        Behaviors.supervise(
                FleetActor.create(
                    SamplerFixtures.NODE,
                    new FleetActor.Identity("arm-0", incarnations::getAndIncrement, 1),
                    SETTINGS,
                    environment,
                    policy,
                    Device.cpu(),
                    producer))
            .onFailure(SupervisorStrategy.restart().withLoggingEnabled(false)));
  }

  private static void publish(ActorRef<FleetActor.Command> worker, PublishedWeights weights) {
    worker.tell(new FleetActor.WeightsPublished(weights));
  }

  private List<Transitions> told() throws Exception {
    List<Transitions> told = new ArrayList<>();
    for (ProducerRecord<String, byte[]> record : producer.history()) {
      told.add(Codec.TRANSITIONS.decode(record.value()));
    }
    return told;
  }

  private FleetEvent.EpisodeEnded ended() {
    return events.expectMessageClass(FleetEvent.EpisodeEnded.class);
  }

  /** Waits for an episode by these weights; those before it may be by others. */
  private void awaitEpisodeBy(long version) {
    while (ended().weightsVersion() != version) {
      // more to come
    }
  }

  @Test
  void shouldTellWhatItLivesThroughUnderItsOwnKey() throws Exception {
    publish(worker(), TestPolicy.published(2, 0));
    FleetEvent.EpisodeEnded first = ended();
    assertThat(first.worker()).isEqualTo("arm-0");
    assertThat(first.steps()).isEqualTo(100);
    assertThat(first.ending()).isEqualTo(Transitions.Ending.TRUNCATED);
    assertThat(producer.history()).extracting(ProducerRecord::key).containsOnly("arm-0");
    assertThat(producer.history())
        .extracting(ProducerRecord::topic)
        .containsOnly("run-1.transitions");
    assertThat(told().get(0).episode()).isEqualTo("arm-0#7/0");
    assertThat(told().get(0).run()).isEqualTo("run-1");
  }

  @Test
  void shouldStandStillUntilItsWeightsHaveEnoughSteps() throws Exception {
    ActorRef<FleetActor.Command> worker = worker();
    publish(worker, TestPolicy.published(1, 0.01f)); // after 10 steps of 15
    publish(worker, TestPolicy.published(2, 0));
    ended();
    assertThat(told()).extracting(Transitions::weightsVersion).containsOnly(OptionalLong.of(2));
    assertThat(opened).hasSize(1);
  }

  @Test
  void shouldTakeNewerWeightsAndNoOlderOnes() throws Exception {
    ActorRef<FleetActor.Command> worker = worker();
    publish(worker, TestPolicy.published(5, 0));
    awaitEpisodeBy(5);
    publish(worker, TestPolicy.published(4, 0.01f));
    publish(worker, TestPolicy.published(6, 0.02f));
    awaitEpisodeBy(6);
    assertThat(told()).extracting(Transitions::weightsVersion).doesNotContain(OptionalLong.of(4));
  }

  @Test
  void shouldWaitForOthersWhenItsFirstWeightsAreOfAnotherShape() throws Exception {
    ActorRef<FleetActor.Command> worker = worker();
    publish(worker, TestPolicy.ofAnotherShape(2));
    assertThat(events.expectMessageClass(FleetEvent.WeightsRefused.class).weightsVersion())
        .isEqualTo(2);
    assertThat(opened).isEmpty();
    publish(worker, TestPolicy.published(3, 0));
    assertThat(ended().weightsVersion()).isEqualTo(3);
  }

  @Test
  void shouldBeginAnewWithTheNewestWeightsWhenASegmentIsNotTaken() throws Exception {
    producer = producer(false);
    ActorRef<FleetActor.Command> worker = worker();
    publish(worker, TestPolicy.published(2, 0));
    awaitEpisodeBy(2);
    WatchedPoints before = opened.take();
    assertThat(producer.errorNext(new TimeoutException("no broker"))).isTrue();
    assertThat(producer.errorNext(new TimeoutException("no broker"))).isTrue(); // begins anew once
    events.awaitAssert(
        () -> {
          assertThat(incarnations.get()).isEqualTo(9);
          return true;
        });
    publish(worker, TestPolicy.published(3, 0.01f));
    WatchedPoints after = opened.take();
    awaitEpisodeBy(3);
    assertThat(told())
        .filteredOn(segment -> segment.episode().startsWith("arm-0#8/"))
        .extracting(Transitions::weightsVersion)
        .isNotEmpty()
        .containsOnly(OptionalLong.of(3));
    assertThat(before).isNotSameAs(after);
    events.awaitAssert(
        () -> {
          producer.completeNext(); // it may wait for the log to take more
          assertThat(before.isClosed()).isTrue();
          return true;
        });
    assertThat(incarnations.get()).isEqualTo(9);
  }

  @Test
  void shouldSayThatItsEnvironmentIsGone() {
    publish(
        worker(
            () -> {
              throw new EnvironmentException("points: nobody there");
            }),
        TestPolicy.published(2, 0));
    events.expectMessage(new FleetEvent.EnvironmentLost("arm-0", "points: nobody there"));
  }

  @Test
  void shouldCloseItsEnvironmentAndFreeItsWeightsWhenItIsStopped() throws Exception {
    ActorRef<FleetActor.Command> worker = worker();
    publish(worker, TestPolicy.published(2, 0.01f));
    awaitEpisodeBy(2);
    kit.stop(worker);
    events.awaitAssert(
        () -> {
          assertThat(policy.isFreed(0.01f)).isTrue();
          return true;
        });
    assertThat(opened.take().isClosed()).isTrue();
  }
}
