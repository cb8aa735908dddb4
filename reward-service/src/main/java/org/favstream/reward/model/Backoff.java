// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;

/**
 * Pauses between repeated requests: uniform between nothing and a bound that doubles each time
 * ("full jitter"), so that many who were refused together do not come back together.
 *
 * @param jitter draws from [0, 1)
 * @param pause waits
 */
record Backoff(DoubleSupplier jitter, Pause pause) {
  private static final Duration FIRST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofSeconds(10);

  /** Waits for a while. */
  @FunctionalInterface
  interface Pause {
    void sleep(Duration pause) throws InterruptedException;
  }

  /** One that really draws and really waits. */
  static Backoff real() {
    return new Backoff(
        () -> ThreadLocalRandom.current().nextDouble(),
        pause -> Thread.sleep(pause.toMillis(), pause.toNanosPart() % 1_000_000));
  }

  /**
   * Waits before a request is repeated.
   *
   * @param failed how often it has failed, from 1
   */
  void await(int failed) throws InterruptedException {
    double bound =
        Math.min(FIRST.toNanos() * Math.pow(2, failed - 1.0), (double) LONGEST.toNanos());
    pause.sleep(Duration.ofNanos((long) (jitter.getAsDouble() * bound)));
  }
}
