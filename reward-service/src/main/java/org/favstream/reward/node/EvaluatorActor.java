// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import ai.djl.Device;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.favstream.actors.kafka.TopicReader;
import org.favstream.actors.kafka.WeightsFeed;
import org.favstream.actors.registry.RewardTimeline;
import org.favstream.actors.runtime.Faults;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.actors.weights.PublishedWeights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.Codec;
import org.favstream.protocol.Evaluation;
import org.favstream.reward.evaluation.Evaluator;
import org.favstream.reward.evaluation.GoldWatch;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.LoadedGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures the newest weights now and then, on a thread of its own, beside the loop and never
 * inside it. Each reading is of one pinned version and goes to the topic evaluations.
 */
public final class EvaluatorActor extends AbstractBehavior<EvaluatorActor.Command> {

  /** Messages to the evaluator. */
  public sealed interface Command {}

  private record WeightsPublished(PublishedWeights weights) implements Command {}

  private record Evaluated(Evaluation evaluation) implements Command {}

  private record Failed(Throwable fault) implements Command {}

  private enum Due implements Command {
    INSTANCE
  }

  /**
   * What the evaluator tells whoever watches, on the system's event stream.
   *
   * @param evaluation of one weights version
   */
  public record Event(Evaluation evaluation) {}

  /** Long enough to have read the topic weights to its end, where a run goes on. */
  private static final Duration FIRST_AFTER = Duration.ofSeconds(1);

  private static final Logger log = LoggerFactory.getLogger(EvaluatorActor.class);

  private final NodeContext node;
  private final Supplier<Evaluator> factory;
  private final Optional<Supplier<GoldWatch>> watchFactory;
  private final ActiveReward reward; // the worker's own
  private final Generator generator;
  private final Device device;
  private final Producer<String, byte[]> producer;
  private final TopicReader<?> feed;
  private final ExecutorService worker;

  private @Nullable Evaluator evaluator; // the worker's own
  private @Nullable GoldWatch watch; // the worker's own
  private @Nullable LoadedGenerator loaded; // the worker's own
  private @Nullable PublishedWeights newest;
  private long lastVersion = -1;
  private boolean busy;

  /**
   * An evaluator.
   *
   * @param every how often it measures
   * @param factory makes what measures, on the evaluator's own thread
   * @param rewards of the run
   * @param watch makes what watches a gold reward, on the same thread, where there is one
   */
  public static Behavior<Command> create(
      NodeContext node,
      Duration every,
      Supplier<Evaluator> factory,
      RewardJob rewards,
      Optional<Supplier<GoldWatch>> watch,
      Generator generator,
      Device device) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  timers.startTimerWithFixedDelay(Due.INSTANCE, FIRST_AFTER, every);
                  return new EvaluatorActor(
                      context, node, factory, rewards, watch, generator, device);
                }));
  }

  private EvaluatorActor(
      ActorContext<Command> context,
      NodeContext node,
      Supplier<Evaluator> factory,
      RewardJob rewards,
      Optional<Supplier<GoldWatch>> watchFactory,
      Generator generator,
      Device device) {
    super(context);
    this.node = node;
    this.factory = factory;
    this.watchFactory = watchFactory;
    this.reward = new ActiveReward(node, "evaluator", rewards);
    this.generator = generator;
    this.device = device;
    this.producer = new KafkaProducer<>(node.connection().producerProperties());
    var self = context.getSelf();
    this.feed =
        WeightsFeed.start(
            new TopicReader.Source<>(
                node.connection(),
                node.topics().weights(),
                Codec.WEIGHTS,
                node.deadLetters("evaluator"),
                producer),
            weights -> self.tell(new WeightsPublished(weights)));
    this.worker =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "favstream-evaluator");
              thread.setDaemon(true);
              return thread;
            });
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(WeightsPublished.class, this::onWeights)
        .onMessage(Evaluated.class, this::onEvaluated)
        .onMessage(Failed.class, this::onFailed)
        .onMessageEquals(Due.INSTANCE, this::onDue)
        .onSignal(PostStop.class, signal -> onStop())
        .build();
  }

  private Behavior<Command> onWeights(WeightsPublished message) {
    newest = message.weights();
    return this;
  }

  private Behavior<Command> onDue() {
    PublishedWeights weights = newest;
    if (!busy && weights != null && weights.version() > lastVersion) {
      evaluate(weights);
    }
    return this;
  }

  private Behavior<Command> onEvaluated(Evaluated message) {
    Evaluation evaluation = message.evaluation();
    Future<RecordMetadata> unused =
        producer.send(
            new ProducerRecord<>(
                node.topics().evaluations(),
                Long.toString(evaluation.version()),
                Codec.EVALUATION.encode(evaluation)));
    getContext().getSystem().eventStream().tell(new EventStream.Publish<>(new Event(evaluation)));
    busy = false;
    return this;
  }

  private Behavior<Command> onFailed(Failed message) {
    log.error("an evaluation failed: {}", Faults.describe(message.fault()));
    busy = false;
    return this;
  }

  private Behavior<Command> onStop() {
    feed.close();
    producer.close(Duration.ofSeconds(1));
    worker.execute(
        () -> {
          // The worker's own, and perhaps not there before the measuring under way has ended.
          Evaluator last = evaluator;
          GoldWatch lastWatch = watch;
          LoadedGenerator lastLoaded = loaded;
          if (last != null) {
            last.close();
          }
          if (lastWatch != null) {
            lastWatch.close();
          }
          reward.close();
          if (lastLoaded != null) {
            lastLoaded.close();
          }
        });
    worker.shutdown();
    return this;
  }

  private void evaluate(PublishedWeights weights) {
    busy = true;
    lastVersion = weights.version();
    getContext()
        .pipeToSelf(
            CompletableFuture.supplyAsync(() -> measured(weights), worker),
            (done, fault) -> fault == null ? done : new Failed(fault));
  }

  /** On the worker's thread. */
  private Evaluated measured(PublishedWeights weights) {
    try {
      if (evaluator == null) {
        evaluator = factory.get();
      }
      if (loaded == null) {
        loaded = new LoadedGenerator(generator, weights.weights(), device);
      } else {
        loaded.swap(weights.weights());
      }
    } catch (WeightsException e) {
      throw new IllegalArgumentException(Faults.describe(e), e);
    }
    RewardTimeline.Activation active = reward.activation();
    if (active.number() > 0) {
      evaluator.onReward(active.number(), () -> reward.model(active));
    }
    Map<String, Double> metrics =
        new LinkedHashMap<>(evaluator.evaluate(loaded, Evaluator.Depth.QUICK));
    metrics.putAll(watched(loaded, active));
    return new Evaluated(new Evaluation(node.run(), weights.version(), weights.step(), metrics));
  }

  /** On the worker's thread; a reward that fails costs the reading its part of the metrics. */
  private Map<String, Double> watched(LoadedGenerator generator, RewardTimeline.Activation active) {
    if (watchFactory.isEmpty() || !reward.await(Duration.ZERO)) {
      return Map.of(); // nothing to watch, or no critic yet
    }
    try {
      if (watch == null) {
        watch = watchFactory.get().get();
      }
      return watch.measure(generator, reward.model(active), active.number());
    } catch (RuntimeException e) {
      log.error("the rewards could not be watched: {}", Faults.describe(e));
      return Map.of();
    }
  }
}
