// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.node;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.PreRestart;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.favstream.actors.kafka.TopicReader;
import org.favstream.actors.registry.RewardTimeline;
import org.favstream.actors.runtime.Faults;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.actors.weights.PublishedWeights;
import org.favstream.learner.intake.Flow;
import org.favstream.protocol.Codec;
import org.favstream.protocol.Lease;
import org.favstream.protocol.RegistryEvent;
import org.favstream.protocol.ScoredGeneration;
import org.favstream.protocol.Topics;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The learner. One step at a time on one thread, beside it at most one publication on another; a
 * fault ends the session, and supervision begins the next one from the newest checkpoint.
 */
public final class LearnerActor extends AbstractBehavior<LearnerActor.Command> {

  /** Messages to the learner. */
  public sealed interface Command {}

  /** Publish what there is and take no further step. */
  public enum Finish implements Command {
    /** The message. */
    INSTANCE
  }

  private record Opened(int life, LearnerSession session) implements Command {}

  private record Scored(int life, List<TopicReader.Read<ScoredGeneration>> records)
      implements Command {}

  private record Leased(int life, Lease lease) implements Command {}

  private record Registered(int life, List<RegistryEvent> events) implements Command {}

  private record RegistryRead(int life) implements Command {}

  private record Stepped(int life, LearnerEvent.Step step) implements Command {}

  private record Captured(int life, LearnerSession.Snapshot snapshot) implements Command {}

  private record Published(int life, @Nullable PublishedWeights weights) implements Command {}

  private record Failed(int life, Throwable fault) implements Command {}

  private enum Tick implements Command {
    INSTANCE
  }

  private static final Duration TICK = Duration.ofMillis(100);

  private static final Logger log = LoggerFactory.getLogger(LearnerActor.class);

  private final ActorRef<Command> self;
  private final NodeContext node;
  private final LearnerJob job;
  private final int life;
  private final ExecutorService stepper;
  private final ExecutorService publisher;
  private final Producer<String, byte[]> deadLetters;
  private final List<TopicReader<?>> readers = new ArrayList<>();

  private @Nullable LearnerSession session;
  private @Nullable Flow flow;
  private RewardTimeline timeline;
  private @Nullable PublishedWeights published;
  private boolean stepping; // or capturing
  private boolean publishing;
  private boolean finishing;
  private boolean finished;

  /** The learner, supervised: a lasting fault stops it, any other begins the next session. */
  public static Behavior<Command> create(NodeContext node, LearnerJob job) {
    AtomicInteger lives = new AtomicInteger();
    Behavior<Command> one =
        Behaviors.setup(
            context ->
                Behaviors.withTimers(
                    timers ->
                        new LearnerActor(context, timers, node, job, lives.incrementAndGet())));
    Behavior<Command> untilLastingFault =
        Behaviors.supervise(one).onFailure(LearnerFault.Lasting.class, SupervisorStrategy.stop());
    return Behaviors.supervise(untilLastingFault)
        .onFailure(
            SupervisorStrategy.restartWithBackoff(
                    Duration.ofMillis(500), Duration.ofSeconds(10), 0.2)
                .withLoggingEnabled(false) // it says so itself
                .withMaxRestarts(20)
                .withResetBackoffAfter(Duration.ofMinutes(2)));
  }

  private LearnerActor(
      ActorContext<Command> context,
      TimerScheduler<Command> timers,
      NodeContext node,
      LearnerJob job,
      int life) {
    super(context);
    this.node = node;
    this.job = job;
    this.life = life;
    this.timeline = RewardTimeline.of(job.reward());
    this.self = context.getSelf();
    this.stepper = thread("favstream-learner");
    this.publisher = thread("favstream-publisher");
    this.deadLetters = new KafkaProducer<>(node.connection().producerProperties());
    timers.startTimerWithFixedDelay(Tick.INSTANCE, TICK);
    onThread(stepper, () -> new Opened(life, LearnerSession.open(node, job)));
  }

  private static ExecutorService thread(String name) {
    return Executors.newSingleThreadExecutor(
        task -> {
          Thread thread = new Thread(task, name);
          thread.setDaemon(true);
          return thread;
        });
  }

  private void onThread(ExecutorService thread, Supplier<Command> work) {
    getContext()
        .pipeToSelf(
            CompletableFuture.supplyAsync(work, thread),
            (done, fault) -> fault == null ? done : new Failed(life, fault));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Opened.class, this::onOpened)
        .onMessage(Scored.class, this::onScored)
        .onMessage(Leased.class, this::onLeased)
        .onMessage(Registered.class, this::onRegistered)
        .onMessage(RegistryRead.class, this::onRegistryRead)
        .onMessage(Stepped.class, this::onStepped)
        .onMessage(Captured.class, this::onCaptured)
        .onMessage(Published.class, this::onPublished)
        .onMessageEquals(Tick.INSTANCE, this::onTick)
        .onMessageEquals(Finish.INSTANCE, this::onFinish)
        .onMessage(Failed.class, this::onFailed)
        .onSignal(PreRestart.class, signal -> onStop())
        .onSignal(PostStop.class, signal -> onStop())
        .build();
  }

  private Behavior<Command> onOpened(Opened message) {
    if (message.life() != life) {
      message.session().close();
      return this;
    }
    session = message.session();
    readRegistry();
    return this;
  }

  /** Scores are read when all activations are known that are older than they. */
  private void readRegistry() {
    readers.add(
        TopicReader.from(
            source(node.topics().rewardRegistry(), Codec.REGISTRY),
            Map.of(0, 0L),
            reads ->
                self.tell(
                    new Registered(life, reads.stream().map(TopicReader.Read::value).toList())),
            () -> self.tell(new RegistryRead(life))));
  }

  private Behavior<Command> onRegistered(Registered message) {
    if (message.life() != life) {
      return this;
    }
    long before = timeline.current().number();
    for (RegistryEvent event : message.events()) {
      timeline = timeline.with(event);
    }
    if (timeline.current().number() > before && flow != null) {
      flow.onTimeline(timeline);
      publish(
          new LearnerEvent.RewardChanged(timeline.current().number(), timeline.current().reward()));
      act();
    }
    return this;
  }

  private Behavior<Command> onRegistryRead(RegistryRead message) {
    if (message.life() != life || session == null) {
      return this;
    }
    flow =
        new Flow(
            node.run(),
            job.settings().flow(),
            job.shape(),
            timeline,
            session.begin(),
            node.clock().instant());
    publish(
        new LearnerEvent.Begun(
            flow.version(), session.step(), session.resumed(), session.totals()));
    finishing |= isLast(session.step());
    readScores(session.begin());
    readLeases();
    capture(session, flow);
    return this;
  }

  private void readScores(Flow.State begin) {
    Map<Integer, Long> offsets = new HashMap<>();
    for (int partition = 0; partition < Topics.GROUP_PARTITIONS; partition++) {
      offsets.put(partition, begin.positions().getOrDefault(partition, 0L));
    }
    readers.add(
        TopicReader.from(
            source(node.topics().scores(), Codec.SCORED_GENERATION),
            offsets,
            reads -> self.tell(new Scored(life, reads))));
  }

  private void readLeases() {
    readers.add(
        TopicReader.fromEnd(
            source(node.topics().leases(), Codec.LEASE),
            reads -> reads.forEach(read -> self.tell(new Leased(life, read.value())))));
  }

  private <T> TopicReader.Source<T> source(String topic, Codec<T> codec) {
    return new TopicReader.Source<>(
        node.connection(), topic, codec, node.deadLetters("learner"), deadLetters);
  }

  private Behavior<Command> onScored(Scored message) {
    if (message.life() == life && flow != null) {
      for (TopicReader.Read<ScoredGeneration> read : message.records()) {
        flow.onScored(read.partition(), read.offset(), read.value());
      }
      act();
    }
    return this;
  }

  private Behavior<Command> onLeased(Leased message) {
    if (message.life() == life && flow != null) {
      flow.onLease(message.lease(), node.clock().instant());
    }
    return this;
  }

  private Behavior<Command> onTick() {
    grant();
    act();
    return this;
  }

  private Behavior<Command> onFinish() {
    finishing = true;
    act();
    return this;
  }

  private Behavior<Command> onStepped(Stepped message) {
    if (message.life() == life && flow != null) {
      stepping = false;
      publish(
          new LearnerEvent.Stepped(
              message.step(), flow.queued(), flow.liveSamplers(), flow.refusals()));
      message
          .step()
          .skipped()
          .ifPresent(why -> log.error("step {} skipped: {}", message.step().step(), why));
      finishing |= isLast(message.step().step());
      act();
    }
    return this;
  }

  private boolean isLast(long step) {
    OptionalLong limit = job.settings().maxSteps();
    return limit.isPresent() && step >= limit.getAsLong();
  }

  private Behavior<Command> onCaptured(Captured message) {
    if (message.life() == life && session != null) {
      stepping = false;
      LearnerSession current = session;
      LearnerSession.Snapshot snapshot = message.snapshot();
      onThread(
          publisher,
          () -> {
            current.publish(snapshot);
            return new Published(life, snapshot.published());
          });
      act();
    }
    return this;
  }

  private Behavior<Command> onPublished(Published message) {
    if (message.life() == life) {
      publishing = false;
      if (message.weights() != null) {
        published = message.weights();
        publish(new LearnerEvent.Published(message.weights()));
      }
      act();
    }
    return this;
  }

  private Behavior<Command> onFailed(Failed message) {
    if (message.life() != life) {
      return this;
    }
    Throwable fault = Faults.unwrapped(message.fault());
    LearnerFault known =
        fault instanceof LearnerFault mine
            ? mine
            : new LearnerFault("the learner stopped: " + Faults.describe(fault), fault);
    if (!(known instanceof LearnerFault.Lasting)) {
      log.warn("{}; it goes on from its last checkpoint", Faults.describe(known), known);
    }
    throw known;
  }

  private Behavior<Command> onStop() {
    readers.forEach(TopicReader::close);
    LearnerSession last = session;
    // After the step and the publication under way.
    stepper.execute(
        () -> {
          if (last != null) {
            publisher.execute(last::close);
          }
          publisher.shutdown();
        });
    stepper.shutdown();
    deadLetters.close(Duration.ofSeconds(1));
    return this;
  }

  /** Does whatever is due; called after everything that may have changed what that is. */
  private void act() {
    if (session == null || flow == null || stepping || finished) {
      return;
    }
    if (finishing) {
      finish(session, flow);
      return;
    }
    Flow.Action action = flow.next(node.clock().instant());
    if (action instanceof Flow.Action.Step step) {
      LearnerSession current = session;
      long version = flow.version();
      long refused = flow.refused();
      stepping = true;
      onThread(stepper, () -> new Stepped(life, current.step(step.batch(), version, refused)));
    } else if (action instanceof Flow.Action.Publish && !publishing) {
      flow.publish();
      capture(session, flow);
    }
  }

  private void finish(LearnerSession current, Flow at) {
    if (publishing) {
      return;
    }
    if (at.stepsInVersion() > 0) {
      at.publish();
      capture(current, at);
    } else if (published != null) {
      finished = true;
      publish(new LearnerEvent.Finished(published));
    }
  }

  /** Takes a snapshot as the current version, and then publishes it. */
  private void capture(LearnerSession current, Flow at) {
    if (!finishing) {
      at.grant(node.clock().instant()); // into the snapshot's credits
    }
    Flow.State state = at.state();
    long refused = at.refused();
    stepping = true;
    publishing = true;
    onThread(stepper, () -> new Captured(life, current.snapshot(state, refused)));
  }

  /**
   * Makes credits known between two versions: to samplers that came, in place of some that went.
   */
  private void grant() {
    if (session == null || flow == null || published == null || publishing || finishing) {
      return;
    }
    LearnerSession current = session;
    long version = flow.version();
    flow.grant(node.clock().instant())
        .ifPresent(
            granted -> {
              publishing = true;
              onThread(
                  publisher,
                  () -> {
                    current.publishCredits(version, granted);
                    return new Published(life, null);
                  });
            });
  }

  private void publish(LearnerEvent event) {
    getContext().getSystem().eventStream().tell(new EventStream.Publish<>(event));
  }
}
