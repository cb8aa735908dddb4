// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.PreRestart;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.favstream.actors.runtime.Faults;
import org.favstream.actors.runtime.NodeContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Holds the critics' training; where it fails, it begins anew at its newest checkpoint. */
public final class CriticActor extends AbstractBehavior<CriticActor.Command> {

  /** Messages to a critic's trainer. */
  public sealed interface Command {}

  private record Ended(Throwable fault) implements Command {}

  private static final Duration LAST_CHECKPOINT = Duration.ofSeconds(10);

  private static final Logger log = LoggerFactory.getLogger(CriticActor.class);

  private final CriticLoop loop;

  /** The trainer, supervised: a lasting fault stops it, any other begins the next session. */
  public static Behavior<Command> create(NodeContext node, CriticJob job) {
    Behavior<Command> one = Behaviors.setup(context -> new CriticActor(context, node, job));
    Behavior<Command> untilLastingFault =
        Behaviors.supervise(one).onFailure(CriticFault.Lasting.class, SupervisorStrategy.stop());
    return Behaviors.supervise(untilLastingFault)
        .onFailure(
            SupervisorStrategy.restartWithBackoff(
                    Duration.ofMillis(500), Duration.ofSeconds(10), 0.2)
                .withLoggingEnabled(false)); // it says so itself
  }

  private CriticActor(ActorContext<Command> context, NodeContext node, CriticJob job) {
    super(context);
    var events = context.getSystem().eventStream();
    this.loop = new CriticLoop(node, job, event -> events.tell(new EventStream.Publish<>(event)));
    context.pipeToSelf(
        loop.ended(),
        (done, fault) ->
            new Ended(fault == null ? new IllegalStateException("it was closed") : fault));
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
    Throwable fault = Faults.unwrapped(message.fault());
    if (fault instanceof CriticFault.Lasting lasting) {
      throw lasting;
    }
    String reason = "the critic's training stopped: " + Faults.describe(fault);
    log.warn("{}; it goes on from its last checkpoint", reason);
    throw new CriticFault(reason, fault);
  }

  /** Waits for the last checkpoint: whoever stops the actor may end the process next. */
  private Behavior<Command> onStop() {
    loop.close();
    try {
      loop.ended().get(LAST_CHECKPOINT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      log.debug("it had ended before", e); // and said so
    } catch (TimeoutException e) {
      log.warn("the critic's last checkpoint took longer than {}", LAST_CHECKPOINT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return this;
  }
}
