// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.PreRestart;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.kafka.CommitterSettings;
import org.apache.pekko.kafka.ConsumerMessage;
import org.apache.pekko.kafka.ProducerMessage;
import org.apache.pekko.kafka.Subscriptions;
import org.apache.pekko.kafka.javadsl.Committer;
import org.apache.pekko.kafka.javadsl.Consumer;
import org.apache.pekko.kafka.javadsl.Producer;
import org.favstream.actors.kafka.DeadLetters;
import org.favstream.actors.runtime.Faults;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.protocol.Codec;
import org.favstream.protocol.Generation;
import org.favstream.protocol.MalformedRecordException;
import org.favstream.protocol.RewardVersion;
import org.favstream.protocol.ScoredGeneration;
import org.favstream.reward.model.RewardModel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scores groups for ever: a share of the partitions of the topic generations, several groups at
 * once, each committed after its scores are on the log. What cannot be scored goes on as a refusal,
 * so that the learner knows that nothing is missing, and to the dead letters.
 */
public final class RewardActor extends AbstractBehavior<RewardActor.Command> {

  /** Messages to a reward actor. */
  public sealed interface Command {}

  private record Ended(Throwable fault) implements Command {}

  private static final Logger log = LoggerFactory.getLogger(RewardActor.class);

  private final ActorRef<EventStream.Command> events;
  private final NodeContext node;
  private final DeadLetters deadLetters;
  private final BlockingQueue<GroupScorer> idle;
  private final ExecutorService workers;
  private final Consumer.DrainingControl<Done> stream;

  /**
   * A reward actor; supervised, it starts anew where its last commit was.
   *
   * @param name unlike any other reward actor's of the run
   * @param reward what it scores with
   * @param model makes one instance a worker
   * @param workers how many groups are scored at once
   */
  public static Behavior<Command> create(
      NodeContext node,
      String name,
      RewardVersion reward,
      Supplier<RewardModel> model,
      int workers) {
    return Behaviors.setup(context -> new RewardActor(context, node, name, reward, model, workers));
  }

  private RewardActor(
      ActorContext<Command> context,
      NodeContext node,
      String name,
      RewardVersion reward,
      Supplier<RewardModel> model,
      int workerCount) {
    super(context);
    this.node = node;
    this.events = context.getSystem().eventStream();
    this.deadLetters = node.deadLetters(name);
    this.idle = new ArrayBlockingQueue<>(workerCount);
    for (int i = 0; i < workerCount; i++) {
      idle.add(new GroupScorer(reward, model.get()));
    }
    AtomicInteger threads = new AtomicInteger();
    this.workers =
        Executors.newFixedThreadPool(
            workerCount,
            task -> {
              Thread thread =
                  new Thread(task, "favstream-" + name + "-" + threads.getAndIncrement());
              thread.setDaemon(true);
              return thread;
            });
    this.stream = run(context.getSystem(), workerCount);
    context.pipeToSelf(
        stream.streamCompletion(),
        (done, fault) ->
            new Ended(fault == null ? new IllegalStateException("its stream ended") : fault));
  }

  private Consumer.DrainingControl<Done> run(ActorSystem<?> system, int workerCount) {
    return Consumer.committableSource(
            node.connection()
                .consumerSettings(system, node.topics().prefix() + "rewards")
                .withStopTimeout(Duration.ZERO),
            Subscriptions.topics(node.topics().generations()))
        .mapAsync(workerCount, this::scored)
        .via(Producer.flexiFlow(node.connection().producerSettings(system)))
        .map(ProducerMessage.Results::passThrough)
        .toMat(Committer.sink(CommitterSettings.create(system)), Consumer::createDrainingControl)
        .run(system);
  }

  private CompletionStage<
          ProducerMessage.Envelope<String, byte[], ConsumerMessage.CommittableOffset>>
      scored(ConsumerMessage.CommittableMessage<String, byte[]> message) {
    return CompletableFuture.supplyAsync(() -> envelope(message), workers);
  }

  /** On a worker's thread. */
  private ProducerMessage.Envelope<String, byte[], ConsumerMessage.CommittableOffset> envelope(
      ConsumerMessage.CommittableMessage<String, byte[]> message) {
    ConsumerRecord<String, byte[]> record = message.record();
    Generation group;
    try {
      group = Codec.GENERATION.decode(record.value() == null ? new byte[0] : record.value());
    } catch (MalformedRecordException e) {
      publish(new RewardEvent(e.reason()));
      return ProducerMessage.single(
          deadLetters.about(record, e.reason()), message.committableOffset());
    }
    GroupScorer scorer = idle.remove(); // as many as there are threads
    ScoredGeneration outcome;
    try {
      outcome = scorer.score(group);
    } finally {
      idle.add(scorer);
    }
    List<ProducerRecord<String, byte[]>> records = new ArrayList<>();
    records.add(
        new ProducerRecord<>(
            node.topics().scores(), record.key(), Codec.SCORED_GENERATION.encode(outcome)));
    if (outcome instanceof ScoredGeneration.Refused refused) {
      records.add(deadLetters.about(record, refused.reason()));
      publish(new RewardEvent(refused.reason()));
    }
    return ProducerMessage.multi(records, message.committableOffset());
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
    CompletionStage<Done> unused =
        stream
            .drainAndShutdown(workers)
            .whenComplete(
                (done, fault) -> {
                  idle.forEach(GroupScorer::close);
                  workers.shutdown();
                });
    return this;
  }
}
