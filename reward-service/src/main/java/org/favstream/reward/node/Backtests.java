// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.common.KafkaException;
import org.favstream.actors.runtime.Faults;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.reward.backtest.Backtest;
import org.favstream.reward.backtest.Gate;
import org.favstream.reward.registry.RefusedException;
import org.favstream.reward.registry.RefusedException.Kind;
import org.favstream.reward.registry.RewardModels;
import org.favstream.reward.registry.RewardOperations;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The backtests of a control: one at a time, and what came of the last ones. */
final class Backtests implements AutoCloseable {
  private static final int REMEMBERED = 32;

  private static final Logger log = LoggerFactory.getLogger(Backtests.class);

  /** Puts the outcome on the log. */
  @FunctionalInterface
  interface Writer {
    RewardOperations.Done write(LoggedBacktest.Outcome outcome, Gate.Verdict verdict)
        throws RefusedException;
  }

  private final NodeContext node;
  private final RewardModels models;
  private final int groupSize;
  private final ExecutorService runner;
  private final Map<String, RewardOperations.Backtesting> known = new LinkedHashMap<>(); // guarded

  /**
   * Begins nothing yet.
   *
   * @param groupSize particles a group
   */
  Backtests(NodeContext node, RewardModels models, int groupSize) {
    this.node = node;
    this.models = models;
    this.groupSize = groupSize;
    this.runner =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "favstream-backtests");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** The gate of a request. */
  static Gate gate(String text) throws RefusedException {
    try {
      return Gate.parse(text);
    } catch (IllegalArgumentException e) {
      throw new RefusedException(Kind.BAD_REQUEST, String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Begins one.
   *
   * @param last how many particles at least
   */
  RewardOperations.Backtesting begin(
      LoggedBacktest.Rivals rivals, long last, Gate gate, Writer writer) throws RefusedException {
    if (last < 1 || last > Backtest.MAX_PARTICLES) {
      throw new RefusedException(
          Kind.BAD_REQUEST,
          "last: got %d, expected 1 to %d particles".formatted(last, Backtest.MAX_PARTICLES));
    }
    requireNoneRunning();
    SortedMap<Integer, LoggedGroups.Range> stretches;
    try (LoggedGroups groups = new LoggedGroups(node)) {
      stretches = groups.last((last + groupSize - 1) / groupSize);
    }
    long count = stretches.values().stream().mapToLong(range -> range.to() - range.from()).sum();
    if (count == 0) {
      throw new RefusedException(Kind.CONFLICT, "there are no groups on the log yet");
    }
    String id = UUID.randomUUID().toString();
    RewardOperations.Backtesting begun =
        new RewardOperations.Backtesting(
            id,
            rivals.candidate().reward(),
            rivals.against().reward(),
            count,
            0,
            Optional.empty(),
            Optional.empty());
    synchronized (known) {
      requireNoneRunning();
      known.put(id, begun);
      known.keySet().stream()
          .limit(Math.max(0, known.size() - REMEMBERED))
          .toList()
          .forEach(known::remove);
    }
    Future<?> unused = runner.submit(() -> run(begun, rivals, stretches, gate, writer));
    return begun;
  }

  private void requireNoneRunning() throws RefusedException {
    synchronized (known) {
      for (RewardOperations.Backtesting other : known.values()) {
        if (other.isRunning()) {
          throw new RefusedException(
              Kind.UNAVAILABLE,
              "a backtest of %s is running: ask again once it is done".formatted(other.reward()));
        }
      }
    }
  }

  private void run(
      RewardOperations.Backtesting begun,
      LoggedBacktest.Rivals rivals,
      SortedMap<Integer, LoggedGroups.Range> stretches,
      Gate gate,
      Writer writer) {
    Optional<RewardOperations.Done> done = Optional.empty();
    Optional<RefusedException> failure = Optional.empty();
    try (LoggedGroups groups = new LoggedGroups(node)) {
      LoggedBacktest.Outcome outcome =
          new LoggedBacktest(models, rivals, groupsDone -> at(begun, groupsDone))
              .run(receiver -> groups.read(stretches, receiver));
      done = Optional.of(writer.write(outcome, gate.verdict(outcome.result())));
    } catch (RefusedException e) {
      failure = Optional.of(e);
    } catch (InterruptedException e) {
      failure = Optional.of(new RefusedException(Kind.UNAVAILABLE, "this node ends", e));
    } catch (KafkaException e) {
      failure = Optional.of(new RefusedException(Kind.UNAVAILABLE, Faults.describe(e), e));
    } catch (RuntimeException | LinkageError e) {
      log.error("a backtest of {} failed", rivals.candidate().reward(), e);
      failure = Optional.of(new RefusedException(Kind.UNUSABLE, Faults.describe(e), e));
    }
    synchronized (known) {
      RewardOperations.Backtesting last = known.getOrDefault(begun.id(), begun);
      known.replace(begun.id(), with(last, last.groupsDone(), done, failure));
    }
  }

  private void at(RewardOperations.Backtesting begun, long groupsDone) {
    synchronized (known) {
      known.replace(begun.id(), with(begun, groupsDone, Optional.empty(), Optional.empty()));
    }
  }

  private static RewardOperations.Backtesting with(
      RewardOperations.Backtesting begun,
      long groupsDone,
      Optional<RewardOperations.Done> done,
      Optional<RefusedException> failure) {
    return new RewardOperations.Backtesting(
        begun.id(), begun.reward(), begun.against(), begun.groups(), groupsDone, done, failure);
  }

  /** How one goes, or went. */
  RewardOperations.Backtesting get(String id) throws RefusedException {
    synchronized (known) {
      RewardOperations.Backtesting found = known.get(id);
      if (found == null) {
        throw new RefusedException(
            Kind.NOT_FOUND,
            "this node knows of no backtest '%s'; what came of each stands in the history"
                .formatted(id));
      }
      return found;
    }
  }

  @Override
  public void close() {
    runner.shutdownNow();
  }
}
