// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.environment.remote;

import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Until when something must be done.
 *
 * @param allowed how long it may take in all
 * @param endNanos when that is over, on the clock of {@link System#nanoTime()}
 */
record Deadline(Duration allowed, long endNanos) {

  /** It begins to run now. */
  static Deadline in(Duration allowed) {
    return new Deadline(allowed, System.nanoTime() + allowed.toNanos());
  }

  /**
   * What is left of it, in ms, at least 1.
   *
   * @throws SocketTimeoutException where nothing is left
   */
  long leftMillis() throws SocketTimeoutException {
    long left = endNanos - System.nanoTime();
    if (left <= 0) {
      throw new SocketTimeoutException("nothing came within " + allowed.toMillis() + " ms");
    }
    return Math.max(1, TimeUnit.NANOSECONDS.toMillis(left));
  }
}
