// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.node;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** Children that begin anew where they fail, and say so each time that they begin. */
final class Announced {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  private Announced() {}

  /**
   * Starts a child.
   *
   * @param started told of the child before it takes its first message, at every start
   * @param child makes its behavior, at every start
   */
  static <C> ActorRef<C> spawn(
      ActorContext<?> parent,
      String name,
      Consumer<ActorRef<C>> started,
      Supplier<Behavior<C>> child) {
    Behavior<C> announced =
        Behaviors.setup(
            context -> {
              started.accept(context.getSelf());
              return child.get();
            });
    return parent.spawn(
        Behaviors.supervise(announced)
            .onFailure(
                SupervisorStrategy.restartWithBackoff(FIRST_PAUSE, LONGEST_PAUSE, 0.2)
                    .withLoggingEnabled(false)), // it says so itself
        name);
  }
}
