// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.PreRestart;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.favstream.actors.kafka.DeadLetters;
import org.favstream.actors.registry.RewardTimeline;
import org.favstream.actors.runtime.Faults;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.protocol.Codec;
import org.favstream.protocol.Generation;
import org.favstream.protocol.MalformedRecordException;
import org.favstream.protocol.ScoredGeneration;
import org.favstream.reward.model.RewardUnavailableException;
import org.favstream.reward.registry.RefusedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scores groups for ever: a share of the partitions of the topic generations, several groups at
 * once, each committed after its scores are on the log. What cannot be scored goes on as a refusal,
 * so that the learner knows that nothing is missing, and to the dead letters. For a reward that is
 * not there at the moment groups wait.
 */
public final class RewardActor extends AbstractBehavior<RewardActor.Command> {

  /** Messages to a reward actor. */
  public sealed interface Command {}

  private record Ended(Throwable fault) implements Command {}

  /** Who asks goes easy on a scorer by itself: this is how soon it is seen that one is back. */
  private static final Duration TRY_AGAIN = Duration.ofSeconds(1);

  /**
   * How long it waits before it leaves its groups to other nodes: longer than a hiccup, and well
   * below {@code learner.settle-deadline}, after which groups that wait are given up.
   */
  private static final Duration LEAVE_TO_OTHERS_AFTER = Duration.ofSeconds(2);

  private static final Logger log = LoggerFactory.getLogger(RewardActor.class);

  private final ActorRef<EventStream.Command> events;
  private final NodeContext node;
  private final DeadLetters deadLetters;
  private final RewardSource source;
  private final LiveRegistry registry;
  private final BlockingQueue<GroupScorer> idle;
  private final ScoringLoop loop;
  private final AtomicReference<@Nullable Long> waitingSince = new AtomicReference<>();

  /**
   * A reward actor; supervised, it starts anew where its last commit was.
   *
   * @param name unlike any other reward actor's of the run
   * @param rewards opened anew at each start
   * @param workers how many groups are scored at once
   */
  public static Behavior<Command> create(
      NodeContext node, String name, RewardJob rewards, int workers) {
    return Behaviors.setup(context -> new RewardActor(context, node, name, rewards, workers));
  }

  private RewardActor(
      ActorContext<Command> context,
      NodeContext node,
      String name,
      RewardJob rewards,
      int workerCount) {
    super(context);
    this.node = node;
    this.source = rewards.rewards().get();
    this.events = context.getSystem().eventStream();
    this.deadLetters = node.deadLetters(name);
    this.registry = new LiveRegistry(node, name, rewards.own());
    this.idle = new ArrayBlockingQueue<>(workerCount);
    for (int i = 0; i < workerCount; i++) {
      idle.add(new GroupScorer(source.open(version -> registry.known().definition(version))));
    }
    this.loop =
        new ScoringLoop(
            node.connection(),
            node.topics().generations(),
            node.topics().prefix() + "rewards",
            name,
            this::scored,
            this::activations,
            this::isStuck,
            (groups, spent) -> publish(new RewardEvent.Scored(groups, spent)),
            workerCount);
    context.pipeToSelf(
        loop.ended(),
        (done, fault) ->
            new Ended(fault == null ? new IllegalStateException("it was closed") : fault));
  }

  /** What is known now; waits until the past is. */
  private RewardTimeline activations() {
    try {
      return registry.get().timeline();
    } catch (RefusedException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  /** On a worker's thread. */
  private List<ProducerRecord<String, byte[]>> scored(
      ConsumerRecord<String, byte[]> record, RewardTimeline known) {
    Generation group;
    try {
      group = Codec.GENERATION.decode(record.value() == null ? new byte[0] : record.value());
    } catch (MalformedRecordException e) {
      publish(new RewardEvent.Refused(e.reason()));
      return List.of(deadLetters.about(record, e.reason()));
    }
    ScoredGeneration outcome = scored(group, record.partition(), record.offset(), known);
    ProducerRecord<String, byte[]> score =
        // On the partition of its group: whose reward it is to have follows from where that stands.
        new ProducerRecord<>(
            node.topics().scores(),
            record.partition(),
            record.key(),
            Codec.SCORED_GENERATION.encode(outcome));
    if (outcome instanceof ScoredGeneration.Refused refused) {
      publish(new RewardEvent.Refused(refused.reason()));
      return List.of(score, deadLetters.about(record, refused.reason()));
    }
    return List.of(score);
  }

  /**
   * Waits where the group's reward is not there at the moment, until it is or another one is
   * active. The thread waits too, and so do all groups behind this one: they would need the same
   * reward. In the end credits make samplers wait, or another node takes the groups over.
   */
  private ScoredGeneration scored(
      Generation group, int partition, long offset, RewardTimeline known) {
    GroupScorer scorer = idle.remove(); // as many as there are threads
    try {
      RewardTimeline newest = known;
      while (true) {
        try {
          ScoredGeneration outcome = scorer.score(group, partition, offset, newest);
          goesOn();
          return outcome;
        } catch (RewardUnavailableException e) {
          waits(newest.current(), e);
        }
        long number = newest.current().number();
        boolean unused =
            registry.await(next -> next.timeline().current().number() > number, TRY_AGAIN);
        newest = registry.known().timeline();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("this node ends; the group is another's", e);
    } finally {
      idle.add(scorer);
    }
  }

  private void waits(RewardTimeline.Activation active, RewardUnavailableException fault) {
    if (waitingSince.compareAndSet(null, System.nanoTime())) {
      String reason = "%s: %s".formatted(active.reward(), fault.getMessage());
      log.warn("groups wait for {}", reason);
      publish(new RewardEvent.Waiting(reason));
    }
  }

  private boolean isStuck() {
    Long since = waitingSince.get();
    return since != null && System.nanoTime() - since > LEAVE_TO_OTHERS_AFTER.toNanos();
  }

  private void goesOn() {
    if (waitingSince.getAndSet(null) != null) {
      log.info("groups are scored again");
      publish(new RewardEvent.GoesOn());
    }
  }

  private void publish(RewardEvent event) {
    events.tell(new EventStream.Publish<>(event));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Ended.class, this::onEnded)
        .onSignal(PreRestart.class, signal -> onStop())
        .onSignal(PostStop.class, signal -> onStop())
        .build();
  }

  private Behavior<Command> onEnded(Ended message) {
    String reason = "scoring stopped: " + Faults.describe(message.fault());
    log.warn("{}; it begins anew at its last commit", reason);
    throw new RewardFault(reason, message.fault());
  }

  private Behavior<Command> onStop() {
    loop.close();
    CompletableFuture<Void> unused =
        loop.ended()
            .whenComplete(
                (done, fault) -> {
                  idle.forEach(GroupScorer::close);
                  source.close();
                  registry.close();
                });
    return this;
  }
}
