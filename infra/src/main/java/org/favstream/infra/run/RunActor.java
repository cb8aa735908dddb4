// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.run;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.japi.function.Function;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.actors.weights.PublishedWeights;
import org.favstream.infra.job.Job;
import org.favstream.learner.node.LearnerActor;
import org.favstream.learner.node.LearnerEvent;
import org.favstream.learner.node.LearnerJob;
import org.favstream.reward.node.CriticActor;
import org.favstream.reward.node.CriticEvent;
import org.favstream.reward.node.CriticJob;
import org.favstream.reward.node.EvaluatorActor;
import org.favstream.reward.node.RewardEvent;
import org.favstream.sampler.fleet.FleetEvent;
import org.favstream.sampler.node.SamplerEvent;

/** All roles of a run in one JVM, and what they say to whoever watches. */
final class RunActor extends AbstractBehavior<RunActor.Command> {

  /** Messages to the run. */
  sealed interface Command {}

  /** Finish cleanly: the learner publishes what there is. */
  enum Finish implements Command {
    INSTANCE
  }

  private record Learned(LearnerEvent event) implements Command {}

  private record Sampled(SamplerEvent event) implements Command {}

  private record Rewarded(RewardEvent event) implements Command {}

  private record Evaluated(EvaluatorActor.Event event) implements Command {}

  private record Criticised(CriticEvent event) implements Command {}

  private record Acted(FleetEvent event) implements Command {}

  /**
   * What makes a run.
   *
   * @param critic where a policy is aligned
   * @param starts how often the run was started before
   */
  record Parts(
      NodeContext node, Job job, LearnerJob learner, Optional<CriticJob> critic, long starts) {}

  /** Incarnations that the samplers of one start of a run may use. */
  private static final long INCARNATIONS_A_START = 1_000_000;

  private final Progress progress;
  private final CompletableFuture<PublishedWeights> outcome;
  private final ActorRef<LearnerActor.Command> learner;

  /**
   * A run.
   *
   * @param outcome completed with the last weights, or with what ended the run
   */
  static Behavior<Command> create(
      Parts parts, Progress progress, CompletableFuture<PublishedWeights> outcome) {
    return Behaviors.setup(context -> new RunActor(context, parts, progress, outcome));
  }

  private RunActor(
      ActorContext<Command> context,
      Parts parts,
      Progress progress,
      CompletableFuture<PublishedWeights> outcome) {
    super(context);
    this.progress = progress;
    this.outcome = outcome;
    subscribe(LearnerEvent.class, Learned::new);
    subscribe(SamplerEvent.class, Sampled::new);
    subscribe(RewardEvent.class, Rewarded::new);
    subscribe(EvaluatorActor.Event.class, Evaluated::new);
    subscribe(CriticEvent.class, Criticised::new);
    subscribe(FleetEvent.class, Acted::new);

    NodeContext node = parts.node();
    Job job = parts.job();
    this.learner =
        context.spawn(LearnerActor.create(node, parts.learner()), NodeRole.LEARNER.text());
    context.watch(learner);
    context.spawn(NodeRole.reward(node, job, "reward"), NodeRole.REWARD.text());
    context.spawn(
        NodeRole.sampler(node, job, "sampler", parts.starts() * INCARNATIONS_A_START),
        NodeRole.SAMPLER.text());
    context.spawn(NodeRole.evaluator(node, job), NodeRole.EVALUATOR.text());
    parts
        .critic()
        .ifPresent(
            critic -> {
              context.watch(
                  context.spawn(CriticActor.create(node, critic), NodeRole.CRITIC.text()));
              context.spawn(
                  NodeRole.fleet(node, job, "fleet", parts.starts() * INCARNATIONS_A_START),
                  NodeRole.FLEET.text());
            });
  }

  private <E> void subscribe(Class<E> type, Function<E, Command> wrap) {
    ActorRef<E> adapter = getContext().messageAdapter(type, wrap);
    getContext().getSystem().eventStream().tell(new EventStream.Subscribe<>(type, adapter));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Learned.class, this::onLearned)
        .onMessage(Sampled.class, message -> tell(() -> progress.on(message.event())))
        .onMessage(Rewarded.class, message -> tell(() -> progress.on(message.event())))
        .onMessage(Evaluated.class, message -> tell(() -> progress.on(message.event())))
        .onMessage(Criticised.class, message -> tell(() -> progress.on(message.event())))
        .onMessage(Acted.class, message -> tell(() -> progress.on(message.event())))
        .onMessageEquals(
            Finish.INSTANCE, () -> tell(() -> learner.tell(LearnerActor.Finish.INSTANCE)))
        .onSignal(ChildFailed.class, this::onChildFailed)
        .onSignal(
            Terminated.class,
            signal ->
                tell(
                    () ->
                        fail(
                            new IllegalStateException(
                                "the %s stopped".formatted(signal.getRef().path().name())))))
        .build();
  }

  private Behavior<Command> tell(Runnable what) {
    what.run();
    return this;
  }

  private Behavior<Command> onLearned(Learned message) {
    progress.on(message.event());
    if (message.event() instanceof LearnerEvent.Finished finished) {
      outcome.complete(finished.weights());
    }
    return this;
  }

  private Behavior<Command> onChildFailed(ChildFailed signal) {
    return tell(() -> fail(signal.getCause()));
  }

  private void fail(Throwable cause) {
    outcome.completeExceptionally(cause);
  }
}
