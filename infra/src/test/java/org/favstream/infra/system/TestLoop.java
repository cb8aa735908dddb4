// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.favstream.actors.kafka.TopicSetup;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.infra.job.Job;
import org.favstream.infra.job.JobCatalog;
import org.favstream.infra.run.NodeRole;
import org.favstream.learner.node.LearnerActor;
import org.favstream.learner.node.LearnerEvent;
import org.favstream.protocol.Topics;
import org.favstream.reward.model.RewardModel;
import org.favstream.reward.node.RewardActor;
import org.favstream.reward.node.RewardJob;
import org.favstream.reward.node.RewardSource;
import org.jspecify.annotations.Nullable;

/** Nodes of one run, as many as a test wants, that come and go; and what the learner says. */
public final class TestLoop implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 120;
  private static final String LEARNER = "learner";

  private sealed interface Command {
    record Start(String name, Behavior<?> behavior) implements Command {}

    record Stop(String name) implements Command {}

    record Finish() implements Command {}
  }

  private final Job job;
  private final NodeContext node;
  private final Path checkpoints;
  private final BlockingQueue<LearnerEvent> events = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> gone = new LinkedBlockingQueue<>();
  private final ActorSystem<Command> system;

  /** The eight Gaussians, so small that a step takes no time to speak of. */
  public static Job job(String... overrides) {
    return JobCatalog.load(
        "eight-gaussians",
        Stream.concat(
                Stream.of(
                    "generator.steps=1",
                    "sampler.particles-per-context=32",
                    "sampler.device=cpu",
                    "reward.device=cpu",
                    "learner.device=cpu",
                    "reference.pool=500",
                    "reference.per-step=32",
                    "evaluation.every=1s",
                    "evaluation.samples=200",
                    "evaluation.draws=1",
                    "evaluation.data=2000",
                    "evaluation.device=cpu"),
                Stream.of(overrides))
            .toList());
  }

  /** Makes the topics of a run of its own; nothing runs yet. */
  public TestLoop(TestLog log, Job job, Path checkpoints) {
    this(log, job, "test-" + UUID.randomUUID(), checkpoints);
  }

  /** Makes the topics of a run where they are missing; nothing runs yet. */
  public TestLoop(TestLog log, Job job, String run, Path checkpoints) {
    this.job = job;
    this.checkpoints = checkpoints;
    Topics topics = job.topics(run);
    TopicSetup.ensure(job.connection(log.bootstrapServers()), topics, Duration.ofSeconds(30));
    this.node =
        new NodeContext(run, job.connection(log.bootstrapServers()), topics, Clock.systemUTC());
    this.system = ActorSystem.create(guardian(), "test", ConfigFactory.load());
  }

  /** What its nodes are given. */
  public NodeContext node() {
    return node;
  }

  /** Its topics. */
  public Topics topics() {
    return node.topics();
  }

  private Behavior<Command> guardian() {
    return Behaviors.setup(
        context -> {
          ActorRef<LearnerEvent> told =
              context.spawn(
                  Behaviors.receiveMessage(
                      event -> {
                        events.add(event);
                        return Behaviors.same();
                      }),
                  "events");
          context
              .getSystem()
              .eventStream()
              .tell(new EventStream.Subscribe<>(LearnerEvent.class, told));
          return Behaviors.receive(Command.class)
              .onMessage(Command.Start.class, message -> start(context, message))
              .onMessage(
                  Command.Stop.class,
                  message -> {
                    context.getChild(message.name()).ifPresent(context::stop);
                    return Behaviors.same();
                  })
              .onMessage(
                  Command.Finish.class,
                  message -> {
                    context
                        .getChild(LEARNER)
                        .ifPresent(
                            learner ->
                                learner
                                    .<LearnerActor.Command>unsafeUpcast()
                                    .tell(LearnerActor.Finish.INSTANCE));
                    return Behaviors.same();
                  })
              .onSignal(
                  Terminated.class,
                  signal -> {
                    gone.add(signal.getRef().path().name());
                    return Behaviors.same();
                  })
              .build();
        });
  }

  private static Behavior<Command> start(ActorContext<Command> context, Command.Start message) {
    context.watch(context.spawn(message.behavior(), message.name()));
    return Behaviors.same();
  }

  /** Starts a node. */
  public TestLoop with(NodeRole role, String name) {
    system.tell(new Command.Start(name, role.behavior(node, job, name, checkpoints)));
    return this;
  }

  /** Starts the learner. */
  public TestLoop withLearner() {
    return with(NodeRole.LEARNER, LEARNER);
  }

  /** Starts a reward node with a model of the test's own, supervised as a node is. */
  public TestLoop withReward(String name, Supplier<RewardModel> model, int workers) {
    return withRewards(name, () -> RewardSource.fixed(job.rewards().version(), model), workers);
  }

  /** Starts a reward node with rewards of the test's own, supervised as a node is. */
  public TestLoop withRewards(String name, Supplier<RewardSource> rewards, int workers) {
    system.tell(
        new Command.Start(
            name,
            Behaviors.supervise(
                    RewardActor.create(
                        node, name, new RewardJob(job.rewards().definition(), rewards), workers))
                .onFailure(
                    SupervisorStrategy.restartWithBackoff(
                            Duration.ofMillis(100), Duration.ofSeconds(1), 0.2)
                        .withLoggingEnabled(false))));
    return this;
  }

  /** Stops a node, and returns once it is gone. */
  public void stop(String name) throws InterruptedException {
    system.tell(new Command.Stop(name));
    List<String> others = new ArrayList<>();
    String next = "";
    while (!name.equals(next)) {
      next = gone.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertThat(next).describedAs("%s stopped; others: %s", name, others).isNotNull();
      others.add(next);
    }
  }

  /** Waits until the learner has taken that many steps. */
  public LearnerEvent.Stepped awaitStep(long step) throws InterruptedException {
    return await(
        "step " + step,
        event ->
            event instanceof LearnerEvent.Stepped stepped && stepped.step().step() >= step
                ? stepped
                : null);
  }

  /** Waits until the learner has begun. */
  public LearnerEvent.Begun awaitBegun() throws InterruptedException {
    return await(
        "the beginning", event -> event instanceof LearnerEvent.Begun begun ? begun : null);
  }

  /** Waits until the learner knows of an activation. */
  public LearnerEvent.RewardChanged awaitActivation(long number) throws InterruptedException {
    return await(
        "activation " + number,
        event ->
            event instanceof LearnerEvent.RewardChanged changed && changed.activation() >= number
                ? changed
                : null);
  }

  /** Tells the learner to finish and waits until its last weights are out. */
  public LearnerEvent.Finished finish() throws InterruptedException {
    system.tell(new Command.Finish());
    return await(
        "the end", event -> event instanceof LearnerEvent.Finished finished ? finished : null);
  }

  private <E> E await(String what, Function<LearnerEvent, @Nullable E> pick)
      throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    LearnerEvent last = null;
    while (System.nanoTime() < deadline) {
      LearnerEvent event = events.poll(1, TimeUnit.SECONDS);
      if (event != null) {
        last = event;
        E found = pick.apply(event);
        if (found != null) {
          return found;
        }
      }
    }
    throw new AssertionError(
        "%s did not come within %d s; the learner's last word: %s"
            .formatted(what, PATIENCE_SECONDS, last));
  }

  @Override
  public void close() throws InterruptedException, ExecutionException, TimeoutException {
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }
}
