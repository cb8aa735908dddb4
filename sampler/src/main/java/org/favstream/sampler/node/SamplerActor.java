// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.node;

import ai.djl.Device;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.PreRestart;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.favstream.actors.runtime.Faults;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.actors.weights.PublishedWeights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.Codec;
import org.favstream.protocol.Credits;
import org.favstream.protocol.Generation;
import org.favstream.protocol.GroupId;
import org.favstream.protocol.Lease;
import org.favstream.protocol.StateBatch;
import org.favstream.sampler.context.ContextSource;
import org.favstream.sampler.generator.Generator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Emits groups within its credits, with the newest verified weights, for ever. It waits for its
 * first weights; it swaps weights between two groups; it uses only credits whose version it has
 * applied; and it says every half second that it lives.
 */
public final class SamplerActor extends AbstractBehavior<SamplerActor.Command> {

  /** Messages to a sampler. */
  public sealed interface Command {}

  /** New verified weights are on the log. */
  public record WeightsPublished(PublishedWeights weights) implements Command {}

  /** New credits are on the log. */
  public record CreditsGranted(Credits credits) implements Command {}

  /** States to act in have come by the log. */
  public record StatesCame(StateBatch states) implements Command {}

  private enum LeaseDue implements Command {
    INSTANCE
  }

  private record Emitted(long version, int groups, List<ContextSource.Contexts> left)
      implements Command {}

  private record Failed(Throwable fault) implements Command {}

  /**
   * What makes a sampler.
   *
   * @param id unlike any other sampler's of the run
   * @param incarnations one for each start of this id, each higher than the one before
   * @param seed the run's
   */
  public record Identity(String id, LongSupplier incarnations, long seed) {}

  private static final Duration LEASE_EVERY = Duration.ofMillis(500);

  /** Most groups between two looks at new credits. */
  private static final int BURST = 256;

  private static final Logger log = LoggerFactory.getLogger(SamplerActor.class);

  private final ActorRef<Command> self;
  private final ActorRef<EventStream.Command> events;
  private final NodeContext node;
  private final Identity identity;
  private final SamplerSettings settings;
  private final ContextSource contexts;
  private final Generator generator;
  private final Device device;
  private final Producer<String, byte[]> producer;
  private final ExecutorService worker;
  private final NavigableMap<Long, Long> credits = new TreeMap<>();
  private final Deque<ContextSource.Contexts> fed = new ArrayDeque<>(); // bounded by who feeds
  private final long incarnation;
  private final String key;

  private @Nullable GroupMaker maker; // the worker's own, once there is one
  private volatile @Nullable PublishedWeights next; // written by the actor; ends a burst
  private long newestVersion = -1;
  private long appliedVersion = -1;
  private long emitted;
  private boolean working;

  /**
   * A sampler; supervised, it starts anew as another incarnation.
   *
   * @param producer sends groups and leases; shared, not closed here
   */
  public static Behavior<Command> create(
      NodeContext node,
      Identity identity,
      SamplerSettings settings,
      ContextSource contexts,
      Generator generator,
      Device device,
      Producer<String, byte[]> producer) {
    return Behaviors.setup(
        context ->
            Behaviors.withTimers(
                timers -> {
                  timers.startTimerWithFixedDelay(LeaseDue.INSTANCE, LEASE_EVERY);
                  return new SamplerActor(
                      context, node, identity, settings, contexts, generator, device, producer);
                }));
  }

  private SamplerActor(
      ActorContext<Command> context,
      NodeContext node,
      Identity identity,
      SamplerSettings settings,
      ContextSource contexts,
      Generator generator,
      Device device,
      Producer<String, byte[]> producer) {
    super(context);
    this.node = node;
    this.identity = identity;
    this.settings = settings;
    this.contexts = contexts;
    this.generator = generator;
    this.device = device;
    this.producer = producer;
    this.incarnation = identity.incarnations().getAsLong();
    this.key = new GroupId(identity.id(), incarnation, 0).key();
    this.worker =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "favstream-" + identity.id());
              thread.setDaemon(true);
              return thread;
            });
    this.self = context.getSelf();
    this.events = context.getSystem().eventStream();
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(WeightsPublished.class, this::onWeights)
        .onMessage(CreditsGranted.class, this::onCredits)
        .onMessage(StatesCame.class, this::onStates)
        .onMessage(Emitted.class, this::onEmitted)
        .onMessageEquals(LeaseDue.INSTANCE, this::onLeaseDue)
        .onMessage(Failed.class, this::onFailed)
        .onSignal(PreRestart.class, signal -> onStop())
        .onSignal(PostStop.class, signal -> onStop())
        .build();
  }

  private Behavior<Command> onWeights(WeightsPublished message) {
    // Not compared with what is applied: a burst under way may be about to apply newer ones.
    if (message.weights().version() > newestVersion) {
      newestVersion = message.weights().version();
      next = message.weights();
      work();
    }
    return this;
  }

  private Behavior<Command> onCredits(CreditsGranted message) {
    Long granted = message.credits().granted().get(key);
    if (granted != null) {
      credits.merge(message.credits().version(), granted, Math::max);
      work();
    }
    return this;
  }

  private Behavior<Command> onStates(StatesCame message) {
    StateBatch states = message.states();
    int count = settings.contextsPerGroup();
    if (!states.observations().hasShape(count, contexts.contextSize())
        || !states.references().hasShape(count, contexts.references(), generator.sampleSize())) {
      log.error(
          "{} leaves out state batch {}: observations {}, references {}; expected {} of {}, each with {} of {}",
          key,
          states.counter(),
          states.observations(),
          states.references(),
          count,
          contexts.contextSize(),
          contexts.references(),
          generator.sampleSize());
      return this;
    }
    fed.addLast(
        new ContextSource.Contexts(states.observations().toArray(), states.references().toArray()));
    work();
    return this;
  }

  private Behavior<Command> onEmitted(Emitted message) {
    working = false;
    emitted += message.groups();
    for (int i = message.left().size() - 1; i >= 0; i--) {
      fed.addFirst(message.left().get(i));
    }
    if (message.version() > appliedVersion) {
      appliedVersion = message.version();
      credits.headMap(Math.max(0, appliedVersion - 1024), false).clear();
      sendLease();
    }
    if (message.groups() > 0) {
      long particles =
          (long) message.groups() * settings.contextsPerGroup() * settings.particlesPerContext();
      publish(new SamplerEvent.Emitted(identity.id(), message.groups(), particles));
    }
    work();
    return this;
  }

  private Behavior<Command> onLeaseDue() {
    if (appliedVersion >= 0) {
      sendLease();
    }
    return this;
  }

  private Behavior<Command> onFailed(Failed message) {
    String reason = "sampler %s: %s".formatted(identity.id(), Faults.describe(message.fault()));
    log.warn("{}; it begins anew", reason);
    throw new SamplerFault(reason, message.fault());
  }

  private Behavior<Command> onStop() {
    // The maker belongs to the worker: it is looked for and closed there, after the burst under
    // way, which may be the one that makes it.
    worker.execute(
        () -> {
          GroupMaker last = maker;
          if (last != null) {
            last.close();
          }
        });
    worker.shutdown();
    return this;
  }

  private void sendLease() {
    Lease lease = new Lease(node.run(), identity.id(), incarnation, appliedVersion, emitted);
    send(node.topics().leases(), Codec.LEASE.encode(lease));
  }

  /** From any thread; a fault comes back as a message. */
  private void send(String topic, byte[] value) {
    Future<RecordMetadata> unused =
        producer.send(
            new ProducerRecord<>(topic, key, value),
            (sent, fault) -> {
              if (fault != null) {
                self.tell(new Failed(fault));
              }
            });
  }

  /** From any thread. */
  private void publish(SamplerEvent event) {
    events.tell(new EventStream.Publish<>(event));
  }

  /** Starts a burst where none is under way and there is something to do. */
  private void work() {
    PublishedWeights weights = next;
    long version = weights == null ? appliedVersion : weights.version();
    long groups = Math.min(BURST, Math.max(0, allowed(version) - emitted));
    if (contexts.isFed()) {
      groups = Math.min(groups, fed.size());
    }
    if (working || (weights == null && groups == 0)) {
      return;
    }
    working = true;
    next = null;
    Burst burst = new Burst(weights, emitted, (int) groups, given((int) groups));
    getContext()
        .pipeToSelf(
            CompletableFuture.supplyAsync(() -> emit(burst), worker),
            (done, fault) -> fault == null ? done : new Failed(fault));
  }

  /** States for a burst; none where contexts are drawn. */
  private List<ContextSource.Contexts> given(int groups) {
    List<ContextSource.Contexts> given = new ArrayList<>();
    while (contexts.isFed() && given.size() < groups) {
      given.add(fed.removeFirst());
    }
    return given;
  }

  /** The newest credits that come with weights up to this version. */
  private long allowed(long version) {
    Map.Entry<Long, Long> granted = credits.floorEntry(version);
    return granted == null ? 0 : granted.getValue();
  }

  /**
   * Work for the worker.
   *
   * @param weights to be taken first, where there are any
   * @param first number of the first group
   * @param given states of the groups; empty where contexts are drawn
   */
  private record Burst(
      @Nullable PublishedWeights weights,
      long first,
      int groups,
      List<ContextSource.Contexts> given) {}

  /** On the worker's thread. */
  private Emitted emit(Burst burst) {
    PublishedWeights weights = burst.weights();
    GroupMaker current = weights == null ? maker : swapped(weights);
    if (current == null) {
      return new Emitted(-1, 0, burst.given()); // no weights that fit have come yet
    }
    // Credits of a version count once it is applied, so none are used where it was refused.
    int allowed = weights != null && current.version() < weights.version() ? 0 : burst.groups();
    int made = 0;
    while (made < allowed && (made == 0 || next == null)) {
      int together = Math.min(current.together(), allowed - made);
      List<ContextSource.Contexts> drawn =
          contexts.isFed()
              ? burst.given().subList(made, made + together)
              : current.draw(burst.first() + made, together);
      for (Generation group : current.make(burst.first() + made, drawn)) {
        send(node.topics().generations(), Codec.GENERATION.encode(group));
      }
      made += together;
    }
    List<ContextSource.Contexts> left =
        contexts.isFed() ? burst.given().subList(made, burst.given().size()) : List.of();
    return new Emitted(current.version(), made, left);
  }

  private @Nullable GroupMaker swapped(PublishedWeights weights) {
    try {
      if (maker == null) {
        maker =
            new GroupMaker(
                node.run(),
                identity.id(),
                incarnation,
                identity.seed(),
                settings,
                contexts,
                generator,
                weights,
                device,
                node.clock());
      } else {
        maker.swap(weights);
      }
      Duration since =
          Duration.ofMillis(Math.max(0, node.clock().millis() - weights.publishedAtMillis()));
      publish(new SamplerEvent.Applied(identity.id(), weights.version(), since));
    } catch (WeightsException e) {
      log.error("{} keeps its weights: version {}: {}", key, weights.version(), e.getMessage());
    }
    return maker;
  }
}
