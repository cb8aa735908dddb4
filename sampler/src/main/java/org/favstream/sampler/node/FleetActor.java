// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.node;

import ai.djl.Device;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.Producer;
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
import org.favstream.sampler.environment.EnvironmentException;
import org.favstream.sampler.environment.EnvironmentSession;
import org.favstream.sampler.environment.EnvironmentSource;
import org.favstream.sampler.fleet.ControlClock;
import org.favstream.sampler.fleet.EpisodeRunner;
import org.favstream.sampler.fleet.FleetEvent;
import org.favstream.sampler.fleet.FleetWorker;
import org.favstream.sampler.fleet.PolicySource;
import org.favstream.sampler.generator.Generator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker of the fleet: stands still until there are verified weights with enough learner steps
 * behind them, then acts in its environment for ever, with the newest of them that there were at
 * each episode's beginning.
 */
public final class FleetActor extends AbstractBehavior<FleetActor.Command> {

  /** Messages to a worker. */
  public sealed interface Command {}

  /** New verified weights are on the log. */
  public record WeightsPublished(PublishedWeights weights) implements Command {}

  /** The first weights do not fit; the worker stands still. */
  private record Refused(long version, WeightsException reason) implements Command {}

  /** May come late, from the start before this one. */
  private record Failed(long incarnation, Throwable fault) implements Command {}

  /**
   * What makes a worker.
   *
   * @param id unlike any other worker's of the run
   * @param incarnations one for each start of this id, each higher than the one before
   * @param seed the run's
   */
  public record Identity(String id, LongSupplier incarnations, long seed) {}

  private static final EnvironmentSession.Backoff BACKOFF =
      new EnvironmentSession.Backoff(Duration.ofMillis(200), Duration.ofSeconds(10));

  private static final Logger log = LoggerFactory.getLogger(FleetActor.class);

  private final ActorRef<Command> self;
  private final ActorRef<EventStream.Command> events;
  private final NodeContext node;
  private final FleetWorker worker;
  private final FleetSettings settings;
  private final EnvironmentSource environment;
  private final Generator policy;
  private final Device device;
  private final Producer<String, byte[]> producer;
  private final ExecutorService driver;
  private final ExecutorService inference;

  private volatile @Nullable PublishedWeights newest; // written by the actor
  private volatile boolean stopping;
  private boolean driving;

  /**
   * A worker; supervised, it starts anew as another incarnation.
   *
   * @param producer sends segments; shared, not closed here
   */
  public static Behavior<Command> create(
      NodeContext node,
      Identity identity,
      FleetSettings settings,
      EnvironmentSource environment,
      Generator policy,
      Device device,
      Producer<String, byte[]> producer) {
    return Behaviors.setup(
        context ->
            new FleetActor(
                context, node, identity, settings, environment, policy, device, producer));
  }

  private FleetActor(
      ActorContext<Command> context,
      NodeContext node,
      Identity identity,
      FleetSettings settings,
      EnvironmentSource environment,
      Generator policy,
      Device device,
      Producer<String, byte[]> producer) {
    super(context);
    this.self = context.getSelf();
    this.events = context.getSystem().eventStream();
    this.node = node;
    this.worker =
        new FleetWorker(
            node.run(), identity.id(), identity.incarnations().getAsLong(), identity.seed());
    this.settings = settings;
    this.environment = environment;
    this.policy = policy;
    this.device = device;
    this.producer = producer;
    this.driver = thread("favstream-" + identity.id());
    this.inference = thread("favstream-" + identity.id() + "-inference");
  }

  private static ExecutorService thread(String name) {
    return Executors.newSingleThreadExecutor(
        task -> {
          Thread thread = new Thread(task, name);
          thread.setDaemon(true);
          return thread;
        });
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(WeightsPublished.class, this::onWeights)
        .onMessage(Refused.class, this::onRefused)
        .onMessage(Failed.class, this::onFailed)
        .onSignal(PreRestart.class, signal -> onStop())
        .onSignal(PostStop.class, signal -> onStop())
        .build();
  }

  private Behavior<Command> onWeights(WeightsPublished message) {
    PublishedWeights weights = message.weights();
    PublishedWeights before = newest;
    if (weights.step() >= settings.beginAtStep()
        && (before == null || weights.version() > before.version())) {
      newest = weights;
      drive();
    }
    return this;
  }

  private Behavior<Command> onRefused(Refused message) {
    driving = false;
    report(
        new FleetEvent.WeightsRefused(
            worker.id(), message.version(), Faults.describe(message.reason())));
    if (acting().version() > message.version()) {
      drive();
    }
    return this;
  }

  private Behavior<Command> onFailed(Failed message) {
    if (message.incarnation() != worker.incarnation()) {
      return this;
    }
    String reason = "fleet worker %s: %s".formatted(worker.id(), Faults.describe(message.fault()));
    log.warn("{}; it begins anew", reason);
    throw new FleetFault(reason, message.fault());
  }

  private Behavior<Command> onStop() {
    stopping = true;
    driver.execute(inference::shutdown); // after the step under way, and all that it leaves to do
    driver.shutdown();
    return this;
  }

  private void drive() {
    if (!driving) {
      driving = true;
      driver.execute(this::run);
    }
  }

  /** On the driver's thread. */
  private PublishedWeights acting() {
    return Objects.requireNonNull(newest, "drives without weights");
  }

  /** Steps until it is stopped, or cannot go on; on the driver's thread. */
  private void run() {
    PublishedWeights first = acting();
    try (EpisodeRunner runner = runner()) {
      while (!stopping) {
        runner.step();
      }
    } catch (WeightsException e) {
      self.tell(new Refused(first.version(), e));
    } catch (EnvironmentException | RuntimeException | Error e) {
      fail(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      fail(e);
    }
  }

  private EpisodeRunner runner() throws WeightsException {
    SegmentSender sender =
        new SegmentSender(
            producer,
            node.topics().transitions(),
            worker.id(),
            settings.episodes().inRealTime(),
            this::fail);
    return new EpisodeRunner(
        worker,
        settings.episodes(),
        new EnvironmentSession(environment, BACKOFF),
        new PolicySource(policy, device, this::acting),
        inference,
        ControlClock.system(),
        sender,
        this::report);
  }

  /** From any thread. */
  private void fail(Throwable fault) {
    self.tell(new Failed(worker.incarnation(), fault));
  }

  /** From any thread. */
  private void report(FleetEvent event) {
    if (event instanceof FleetEvent.EnvironmentLost lost) {
      log.warn("{}: {}; it is opened anew", lost.worker(), lost.reason());
    } else if (event instanceof FleetEvent.ActionRefused refused) {
      log.warn(
          "{} stands still for a step of {}: weights version {} gave no finite action",
          refused.worker(),
          refused.episode(),
          refused.weightsVersion());
    } else if (event instanceof FleetEvent.WeightsRefused refused) {
      log.error(
          "{} does not take weights version {}: {}",
          refused.worker(),
          refused.weightsVersion(),
          refused.reason());
    }
    events.tell(new EventStream.Publish<>(event));
  }
}
