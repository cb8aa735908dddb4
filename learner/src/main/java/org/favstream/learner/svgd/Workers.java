// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.svgd;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The calling thread and its helpers. Each takes the next chunk of work until none is left; the
 * caller waits for the chunks, not for the helpers, so a busy executor costs time and nothing else.
 */
final class Workers {

  /** The work on one chunk. */
  interface Task {
    /**
     * Does one chunk.
     *
     * @param worker whose workspace to use: 0 is the caller's
     * @param chunk which chunk
     */
    void run(int worker, int chunk);
  }

  private final int count;
  private final Executor executor;

  Workers(int count, Executor executor) {
    if (count < 1) {
      throw new IllegalArgumentException("threads must be at least 1, got " + count);
    }
    this.count = count;
    this.executor = executor;
  }

  int count() {
    return count;
  }

  /** Does all chunks, and returns when all are done. Fails as the first chunk that failed did. */
  void run(int chunkCount, Task task) {
    Round round = new Round(chunkCount, task);
    for (int i = 1; i < Math.min(count, chunkCount); i++) {
      int worker = i;
      try {
        executor.execute(() -> round.work(worker));
      } catch (RejectedExecutionException e) {
        break; // without help, then
      }
    }
    round.work(0);
    round.await();
  }

  private static final class Round {
    private final int chunkCount;
    private final Task task;
    private final AtomicInteger next = new AtomicInteger();
    private final CountDownLatch left;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    Round(int chunkCount, Task task) {
      this.chunkCount = chunkCount;
      this.task = task;
      left = new CountDownLatch(chunkCount);
    }

    void work(int worker) {
      for (int chunk = next.getAndIncrement(); chunk < chunkCount; chunk = next.getAndIncrement()) {
        try {
          task.run(worker, chunk);
        } catch (RuntimeException | Error e) {
          failure.compareAndSet(null, e);
        } finally {
          left.countDown();
        }
      }
    }

    void await() {
      boolean interrupted = false;
      while (true) {
        try {
          left.await();
          break;
        } catch (InterruptedException e) {
          interrupted = true; // the arrays are in use: wait on, and hand it up
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      Throwable thrown = failure.get();
      if (thrown instanceof Error error) {
        throw error;
      }
      if (thrown instanceof RuntimeException exception) {
        throw exception;
      }
    }
  }
}
