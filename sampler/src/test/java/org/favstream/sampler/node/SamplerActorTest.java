// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.node;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.favstream.actors.engine.ParameterLayout;
import org.favstream.protocol.Codec;
import org.favstream.protocol.Credits;
import org.favstream.protocol.Generation;
import org.favstream.protocol.Lease;
import org.favstream.protocol.Noise;
import org.favstream.protocol.StateBatch;
import org.favstream.protocol.Tensor;
import org.favstream.sampler.context.ContextSource;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.GeneratorSettings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The pacing of a sampler, by hand-driven time and a producer that keeps what it is given. */
class SamplerActorTest {
  private static final SamplerSettings SETTINGS =
      new SamplerSettings(1, 1, 5, Noise.Kind.INDEPENDENT, "cpu");
  private static final String KEY = "s-0#7";

  private final ActorTestKit kit = ActorTestKit.create(ManualTime.config());
  private final ManualTime time = ManualTime.get(kit.system());
  private final TestProbe<SamplerEvent> events = kit.createTestProbe();
  private final AtomicLong incarnations = new AtomicLong(7);
  private MockProducer<String, byte[]> producer = producer(true);

  private static MockProducer<String, byte[]> producer(boolean acknowledging) {
    return new MockProducer<>(
        acknowledging, null, new StringSerializer(), new ByteArraySerializer());
  }

  @BeforeEach
  void listen() {
    kit.system()
        .eventStream()
        .tell(new EventStream.Subscribe<>(SamplerEvent.class, events.getRef()));
  }

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  private Behavior<SamplerActor.Command> behavior(Generator generator) {
    return SamplerActor.create(
        SamplerFixtures.NODE,
        new SamplerActor.Identity("s-0", incarnations::getAndIncrement, 1),
        SETTINGS,
        ContextSource.none(),
        generator,
        Device.cpu(),
        producer);
  }

  private ActorRef<SamplerActor.Command> sampler() {
    return kit.spawn(behavior(SamplerFixtures.GENERATOR));
  }

  private static void grant(
      ActorRef<SamplerActor.Command> sampler, long version, String key, long groups) {
    sampler.tell(
        new SamplerActor.CreditsGranted(new Credits("run-1", 1, version, Map.of(key, groups))));
  }

  private static void publish(ActorRef<SamplerActor.Command> sampler, long version)
      throws Exception {
    sampler.tell(
        new SamplerActor.WeightsPublished(
            SamplerFixtures.published(SamplerFixtures.GENERATOR, version)));
  }

  private void expectApplied(long version) {
    events.expectMessage(new SamplerEvent.Applied("s-0", version, Duration.ofMillis(40)));
  }

  private void expectEmitted(int groups) {
    events.expectMessage(new SamplerEvent.Emitted("s-0", groups, 5L * groups));
  }

  private List<byte[]> sent(String topic) {
    return producer.history().stream()
        .filter(record -> record.topic().equals(topic))
        .map(ProducerRecord::value)
        .toList();
  }

  private List<Generation> groups() throws Exception {
    List<Generation> groups = new ArrayList<>();
    for (byte[] value : sent("run-1.generations")) {
      groups.add(Codec.GENERATION.decode(value));
    }
    return groups;
  }

  private List<Lease> leases() throws Exception {
    List<Lease> leases = new ArrayList<>();
    for (byte[] value : sent("run-1.leases")) {
      leases.add(Codec.LEASE.decode(value));
    }
    return leases;
  }

  @Test
  void shouldEmitItsCreditsWhenItHasWeights() throws Exception {
    ActorRef<SamplerActor.Command> sampler = sampler();
    grant(sampler, 0, KEY, 3);
    publish(sampler, 0);
    expectApplied(0);
    expectEmitted(3);
    assertThat(groups())
        .extracting(group -> group.id().toString())
        .containsExactly("s-0#7/0", "s-0#7/1", "s-0#7/2");
    assertThat(groups()).extracting(Generation::weightsVersion).containsOnly(0L);
    assertThat(producer.history()).extracting(ProducerRecord::key).containsOnly(KEY);
    assertThat(leases()).containsExactly(new Lease("run-1", "s-0", 7, 0, 3));
  }

  @Test
  void shouldBeSilentWhenItHasNoWeights() {
    ActorRef<SamplerActor.Command> sampler = sampler();
    grant(sampler, 0, KEY, 3);
    time.expectNoMessageFor(Duration.ofSeconds(2), events);
    assertThat(producer.history()).isEmpty();
  }

  @Test
  void shouldEmitTheDifferenceWhenCreditsGrowAndNothingWhenTheyDoNot() throws Exception {
    ActorRef<SamplerActor.Command> sampler = sampler();
    publish(sampler, 0);
    expectApplied(0);
    grant(sampler, 0, KEY, 2);
    expectEmitted(2);
    grant(sampler, 0, KEY, 1);
    grant(sampler, 0, KEY, 2);
    grant(sampler, 0, KEY, 6);
    expectEmitted(4);
    assertThat(groups())
        .extracting(group -> group.id().counter())
        .containsExactly(0L, 1L, 2L, 3L, 4L, 5L);
  }

  @Test
  void shouldEmitAllInOrderWhenCreditsAreMoreThanOneBurst() throws Exception {
    ActorRef<SamplerActor.Command> sampler = sampler();
    publish(sampler, 0);
    expectApplied(0);
    grant(sampler, 0, KEY, 600);
    expectEmitted(256);
    expectEmitted(256);
    expectEmitted(88);
    List<Generation> groups = groups();
    assertThat(groups).hasSize(600);
    for (int i = 0; i < 600; i++) {
      assertThat(groups.get(i).id().counter()).isEqualTo(i);
    }
  }

  private static SamplerActor.StatesCame states(long counter, int observation) {
    float[] observations = new float[SETTINGS.contextsPerGroup() * observation];
    Arrays.fill(observations, (float) counter);
    return new SamplerActor.StatesCame(
        new StateBatch(
            "run-1",
            counter,
            Tensor.of(new int[] {SETTINGS.contextsPerGroup(), observation}, observations),
            Tensor.of(
                new int[] {SETTINGS.contextsPerGroup(), 1, 2},
                new float[2 * SETTINGS.contextsPerGroup()])));
  }

  @Test
  void shouldMakeAGroupOfEachStateBatchWhenStatesComeByTheLog() throws Exception {
    Generator policy =
        new GeneratorSettings(GeneratorSettings.Family.POLICY, 2, 3, 2, List.of(4), 1).create();
    ActorRef<SamplerActor.Command> sampler =
        kit.spawn(
            SamplerActor.create(
                SamplerFixtures.NODE,
                new SamplerActor.Identity("s-0", incarnations::getAndIncrement, 1),
                SETTINGS,
                ContextSource.fed(3, 1),
                policy,
                Device.cpu(),
                producer));
    sampler.tell(new SamplerActor.WeightsPublished(SamplerFixtures.published(policy, 0)));
    expectApplied(0);
    grant(sampler, 0, KEY, 3);
    events.expectNoMessage(Duration.ZERO); // credits, but no states
    sampler.tell(states(7, 3));
    expectEmitted(1);
    sampler.tell(states(8, 4)); // of another size: left out
    sampler.tell(states(9, 3));
    expectEmitted(1);
    sampler.tell(states(10, 3));
    expectEmitted(1);
    sampler.tell(states(11, 3)); // beyond the credits: waits
    grant(sampler, 0, KEY, 4);
    expectEmitted(1);
    assertThat(groups())
        .extracting(group -> group.contexts().orElseThrow().at(0))
        .containsExactly(7f, 9f, 10f, 11f);
  }

  @Test
  void shouldKeepCreditsForTheirVersionWhenItIsNotYetApplied() throws Exception {
    ActorRef<SamplerActor.Command> sampler = sampler();
    publish(sampler, 0);
    expectApplied(0);
    grant(sampler, 1, KEY, 4);
    grant(sampler, 0, KEY, 1);
    expectEmitted(1);
    publish(sampler, 1);
    expectApplied(1);
    expectEmitted(3);
    assertThat(groups()).extracting(Generation::weightsVersion).containsExactly(0L, 1L, 1L, 1L);
  }

  @Test
  void shouldTakeNoCreditsWhenTheyAreAnothersOrOfAnotherStart() throws Exception {
    ActorRef<SamplerActor.Command> sampler = sampler();
    publish(sampler, 0);
    expectApplied(0);
    grant(sampler, 0, "s-1#7", 9);
    grant(sampler, 0, "s-0#6", 9);
    grant(sampler, 0, KEY, 1);
    expectEmitted(1);
    assertThat(groups()).hasSize(1);
  }

  @Test
  void shouldSkipWeightsWhenTheyAreOlderThanItsOwn() throws Exception {
    ActorRef<SamplerActor.Command> sampler = sampler();
    publish(sampler, 5);
    publish(sampler, 4); // while it is still about to apply version 5
    publish(sampler, 5);
    expectApplied(5);
    publish(sampler, 4);
    publish(sampler, 5);
    grant(sampler, 5, KEY, 1);
    expectEmitted(1);
    assertThat(groups()).extracting(Generation::weightsVersion).containsExactly(5L);
    publish(sampler, 6);
    expectApplied(6);
  }

  @Test
  void shouldKeepItsWeightsAndWaitWhenTheNextAreOfAnotherShape() throws Exception {
    ActorRef<SamplerActor.Command> sampler = sampler();
    publish(sampler, 0);
    expectApplied(0);
    grant(sampler, 1, KEY, 4);
    sampler.tell(new SamplerActor.WeightsPublished(SamplerFixtures.ofAnotherShape(1)));
    grant(sampler, 0, KEY, 1);
    expectEmitted(1);
    publish(sampler, 2);
    expectApplied(2);
    expectEmitted(3);
    assertThat(groups()).extracting(Generation::weightsVersion).containsExactly(0L, 2L, 2L, 2L);
    assertThat(leases()).extracting(Lease::appliedVersion).containsExactly(0L, 2L);
  }

  @Test
  void shouldWaitForOthersWhenItsFirstWeightsAreOfAnotherShape() throws Exception {
    ActorRef<SamplerActor.Command> sampler = sampler();
    grant(sampler, 0, KEY, 2);
    sampler.tell(new SamplerActor.WeightsPublished(SamplerFixtures.ofAnotherShape(0)));
    publish(sampler, 1);
    expectApplied(1);
    expectEmitted(2);
    assertThat(groups()).extracting(Generation::weightsVersion).containsExactly(1L, 1L);
  }

  @Test
  void shouldSayEveryHalfSecondThatItLivesOnceItHasWeights() throws Exception {
    ActorRef<SamplerActor.Command> sampler = sampler();
    publish(sampler, 3);
    expectApplied(3);
    grant(sampler, 3, KEY, 2);
    expectEmitted(2);
    int before = leases().size();
    for (int tick = 0; tick < 3; tick++) {
      time.timePasses(Duration.ofMillis(500));
      int expected = before + tick + 1;
      events.awaitAssert(
          () -> {
            assertThat(leases()).hasSize(expected);
            return expected;
          });
    }
    assertThat(leases().get(before + 2)).isEqualTo(new Lease("run-1", "s-0", 7, 3, 2));
  }

  @Test
  void shouldBeginAnewAsAnotherIncarnationWhenAGroupCannotBeSent() throws Exception {
    producer = producer(false);
    ActorRef<SamplerActor.Command> sampler =
        kit.spawn(
            Behaviors.supervise(behavior(SamplerFixtures.GENERATOR))
                .onFailure(SupervisorStrategy.restart().withLoggingEnabled(false)));
    publish(sampler, 0);
    expectApplied(0);
    grant(sampler, 0, KEY, 1);
    expectEmitted(1);
    assertThat(producer.errorNext(new TimeoutException("no broker"))).isTrue();
    events.awaitAssert(
        () -> {
          assertThat(incarnations.get()).isEqualTo(9);
          return 9;
        });
    producer.clear();
    grant(sampler, 0, KEY, 5); // of the incarnation that is no more
    grant(sampler, 0, "s-0#8", 2);
    publish(sampler, 0);
    expectApplied(0);
    expectEmitted(2);
    assertThat(groups())
        .extracting(group -> group.id().toString())
        .containsExactly("s-0#8/0", "s-0#8/1");
  }

  @Test
  void shouldFreeItsWeightsWhenItIsStoppedWhileItLoadsThem() throws Exception {
    CountDownLatch loading = new CountDownLatch(1);
    CountDownLatch loaded = new CountDownLatch(1);
    AtomicReference<NDArray> parameters = new AtomicReference<>();
    ActorRef<SamplerActor.Command> sampler =
        kit.spawn(behavior(new SlowToLoad(loading, loaded, parameters)));
    grant(sampler, 0, KEY, 1);
    publish(sampler, 0);
    assertThat(loading.await(30, TimeUnit.SECONDS)).isTrue();
    kit.stop(sampler);
    loaded.countDown();
    events.awaitAssert(
        () -> {
          assertThat(parameters.get()).isNotNull();
          assertThat(parameters.get()).extracting(NDArray::isReleased).isEqualTo(true);
          return true;
        });
  }

  /** Stands still where its weights are checked, and remembers the ones that it samples with. */
  private record SlowToLoad(
      CountDownLatch loading, CountDownLatch loaded, AtomicReference<NDArray> parameters)
      implements Generator {
    @Override
    public int noiseSize() {
      return SamplerFixtures.GENERATOR.noiseSize();
    }

    @Override
    public int contextSize() {
      return 0;
    }

    @Override
    public int sampleSize() {
      return SamplerFixtures.GENERATOR.sampleSize();
    }

    @Override
    public ParameterLayout layout() {
      loading.countDown();
      try {
        assertThat(loaded.await(30, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return SamplerFixtures.GENERATOR.layout();
    }

    @Override
    public float[] initialParameters(long seed) {
      return SamplerFixtures.GENERATOR.initialParameters(seed);
    }

    @Override
    public NDArray forward(NDArray weights, NDArray noise, Optional<NDArray> context) {
      parameters.set(weights);
      return SamplerFixtures.GENERATOR.forward(weights, noise, context);
    }
  }
}
