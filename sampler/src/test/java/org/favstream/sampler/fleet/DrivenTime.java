// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.fleet;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;

/** Time and the inference's thread in a test's hands: passes run when they are waited for. */
final class DrivenTime implements ControlClock, Executor {
  private final Deque<Runnable> tasks = new ArrayDeque<>();
  final List<Long> sleeps = new ArrayList<>();
  private long now;
  private int late;
  int mostTasks;

  /** So many of the next waits are in vain. */
  void beLate(int waits) {
    late = waits;
  }

  void pass(Duration time) {
    now += time.toNanos();
  }

  /** What the thread does beside being waited for. */
  void runAll() {
    while (!tasks.isEmpty()) {
      tasks.remove().run();
    }
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    mostTasks = Math.max(mostTasks, tasks.size());
  }

  @Override
  public long nanos() {
    return now;
  }

  @Override
  public void sleepUntil(long nanos) {
    sleeps.add(nanos);
    now = Math.max(now, nanos);
  }

  @Override
  public boolean await(Future<?> work, long nanos) {
    if (late > 0) {
      late--;
      now = nanos;
      return false;
    }
    runAll();
    return true;
  }
}
