// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** On Ctrl-C what is under way finishes, and the JVM waits for its report before it goes. */
final class CleanEnd implements AutoCloseable {
  private final CountDownLatch done = new CountDownLatch(1);

  /**
   * Until it is closed.
   *
   * @param finish asks for the end
   * @param patience how long it may take to come
   * @param otherwise what people are told where it does not
   */
  CleanEnd(Runnable finish, Duration patience, String otherwise) {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> end(finish, patience, otherwise), "favstream-interrupt"));
  }

  private void end(Runnable finish, Duration patience, String otherwise) {
    if (done.getCount() == 0) {
      return;
    }
    finish.run();
    try {
      if (!done.await(patience.toSeconds(), TimeUnit.SECONDS)) {
        System.err.printf(
            "favstream: no clean end within %d s; %s%n", patience.toSeconds(), otherwise);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    done.countDown();
  }
}
