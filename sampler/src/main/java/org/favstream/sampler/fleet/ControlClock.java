// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.fleet;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Time as a control loop has it, in nanoseconds since some moment. */
public interface ControlClock {

  /** Later than everything. */
  long NEVER = Long.MAX_VALUE;

  /** Now. */
  long nanos();

  /** Returns at that time, or at once where it has passed. */
  void sleepUntil(long nanos) throws InterruptedException;

  /**
   * Waits for work, well or badly done.
   *
   * @param nanos until when
   * @return whether it is done
   */
  boolean await(Future<?> work, long nanos) throws InterruptedException;

  /** The time of this JVM. */
  static ControlClock system() {
    return new ControlClock() {
      @Override
      public long nanos() {
        return System.nanoTime();
      }

      @Override
      public void sleepUntil(long nanos) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(nanos - System.nanoTime());
      }

      @Override
      public boolean await(Future<?> work, long nanos) throws InterruptedException {
        try {
          if (nanos == NEVER) {
            work.get();
          } else {
            work.get(nanos - System.nanoTime(), TimeUnit.NANOSECONDS);
          }
          return true;
        } catch (TimeoutException e) {
          return false;
        } catch (ExecutionException e) {
          return true; // whoever takes the result sees it
        }
      }
    };
  }
}
