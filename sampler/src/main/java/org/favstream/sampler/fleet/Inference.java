// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.fleet;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Forward passes beside the control loop: never two at once, each with a deadline. What a pass
 * gives after its deadline was meant for an earlier observation, and is dropped.
 *
 * @param <T> what a pass gives
 */
final class Inference<T> {
  private final Executor executor;
  private final ControlClock clock;
  private @Nullable CompletableFuture<T> late;

  /**
   * Nothing under way yet.
   *
   * @param executor one thread
   */
  Inference(Executor executor, ControlClock clock) {
    this.executor = executor;
    this.clock = clock;
  }

  /**
   * Runs a pass, after the late one where there is one.
   *
   * @param deadline in the clock's nanoseconds
   * @return what it gives; empty where it, or the one before, is not done in time
   */
  Optional<T> run(Supplier<T> pass, long deadline) throws InterruptedException {
    if (late != null) {
      if (!clock.await(late, deadline)) {
        return Optional.empty();
      }
      late.join(); // it may have failed
      late = null;
    }
    CompletableFuture<T> now = CompletableFuture.supplyAsync(pass, executor);
    if (!clock.await(now, deadline)) {
      late = now;
      return Optional.empty();
    }
    return Optional.of(now.join());
  }
}
