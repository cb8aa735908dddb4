// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.favstream.actors.runtime.Faults;
import org.favstream.protocol.Generation;
import org.favstream.protocol.RewardDefinition;
import org.favstream.reward.backtest.Backtest;
import org.favstream.reward.backtest.BacktestResult;
import org.favstream.reward.model.RewardModel;
import org.favstream.reward.registry.RefusedException;
import org.favstream.reward.registry.RefusedException.Kind;
import org.favstream.reward.registry.RewardModels;

/**
 * One backtest: groups from the log are scored by two rewards, a few at once, and taken into the
 * figures in their order, so that the same groups give the same figures.
 *
 * <p>A group that the reward compared with cannot score is left out, as it would be live. One that
 * the candidate cannot score counts as particles without a finite reward.
 */
final class LoggedBacktest {
  private static final int MOST_WORKERS = 8;
  private static final long PATIENCE_SECONDS = 60;

  /**
   * The two rewards.
   *
   * @param against what the candidate is compared with
   */
  record Rivals(RewardDefinition candidate, RewardDefinition against) {}

  /**
   * What came of it.
   *
   * @param json the figures, and on which groups
   */
  record Outcome(BacktestResult result, ObjectNode json) {}

  /** Reads the groups, always in one order. */
  @FunctionalInterface
  interface Groups {
    void read(LoggedGroups.Receiver receiver) throws RefusedException;
  }

  /** What both said of a group. */
  private record Scores(
      RewardModel.Block block,
      Optional<RewardModel.Rewards> against,
      RewardModel.Rewards candidate,
      Optional<String> fault) {}

  /** The models of one worker. */
  private record Models(RewardModel candidate, RewardModel against) implements AutoCloseable {
    @Override
    public void close() {
      try (candidate;
          against) {
        // both
      }
    }
  }

  private final RewardModels models;
  private final Rivals rivals;
  private final LongConsumer progress;
  private final int workers = workers();
  private final BlockingQueue<Models> idle = new ArrayBlockingQueue<>(MOST_WORKERS);
  private final Backtest figures = new Backtest();
  private final Deque<Future<Scores>> underWay = new ArrayDeque<>();
  private final SortedMap<Integer, LoggedGroups.Range> taken = new TreeMap<>();
  private final MessageDigest inputs = sha256();
  private long particles;
  private long groupsDone;
  private long leftOut;
  private long candidateFailed;
  private Optional<String> firstFault = Optional.empty();

  /**
   * A backtest; nothing is scored yet.
   *
   * @param progress told how many groups are done
   */
  LoggedBacktest(RewardModels models, Rivals rivals, LongConsumer progress) {
    this.models = models;
    this.rivals = rivals;
    this.progress = progress;
  }

  /** Half of the cores: the run goes on beside it. */
  private static int workers() {
    return Math.min(MOST_WORKERS, Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
  }

  /**
   * Scores the groups; once only.
   *
   * @throws RefusedException where a model cannot be made, there is nothing to compare, or the log
   *     does not answer
   */
  Outcome run(Groups groups) throws RefusedException, InterruptedException {
    long beganAt = System.nanoTime();
    ExecutorService pool = Executors.newFixedThreadPool(workers, LoggedBacktest::thread);
    try {
      for (int i = 0; i < workers; i++) {
        idle.add(open());
      }
      groups.read(record -> take(pool, record));
      while (!underWay.isEmpty()) {
        takeFirst();
      }
    } finally {
      pool.shutdownNow();
      boolean unused = pool.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
      idle.forEach(Models::close);
    }
    if (groupsDone == leftOut) {
      throw new RefusedException(
          Kind.UNUSABLE,
          "none of %d groups can be compared: %s"
              .formatted(groupsDone, firstFault.orElse("none can be read")));
    }
    return outcome((System.nanoTime() - beganAt) / 1e9);
  }

  @SuppressWarnings("ThreadPriorityCheck") // no more than a hint: the run comes first
  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "favstream-backtest");
    thread.setDaemon(true);
    thread.setPriority(Thread.MIN_PRIORITY);
    return thread;
  }

  private Models open() throws RefusedException {
    RewardModel candidate = open(rivals.candidate());
    try {
      return new Models(candidate, open(rivals.against()));
    } catch (RefusedException e) {
      candidate.close();
      throw e;
    }
  }

  private RewardModel open(RewardDefinition definition) throws RefusedException {
    try {
      return models.open(definition);
    } catch (RuntimeException | LinkageError e) {
      throw new RefusedException(
          Kind.UNUSABLE,
          "%s cannot be made: %s".formatted(definition.reward(), Faults.describe(e)),
          e);
    }
  }

  private void take(ExecutorService pool, ConsumerRecord<String, byte[]> record)
      throws RefusedException {
    Optional<Generation> group = LoggedGroups.decoded(record);
    if (group.isEmpty() || !group.get().particles().isFinite()) {
      groupsDone++;
      leftOut++;
      return;
    }
    RewardModel.Block block = GroupScorer.block(group.get());
    if (particles + block.rows() > Backtest.MAX_PARTICLES) {
      return;
    }
    particles += block.rows();
    inputs.update(
        ByteBuffer.allocate(Integer.BYTES + Long.BYTES)
            .putInt(record.partition())
            .putLong(record.offset())
            .array());
    inputs.update(record.value());
    taken.merge(
        record.partition(),
        new LoggedGroups.Range(record.offset(), record.offset() + 1),
        (before, one) -> new LoggedGroups.Range(before.from(), one.to()));
    underWay.add(pool.submit(() -> score(block)));
    if (underWay.size() > 2 * workers) {
      takeFirst();
    }
  }

  /** On a worker's thread. */
  private Scores score(RewardModel.Block block) throws InterruptedException {
    Models own = idle.take();
    try {
      RewardModel.Rewards against;
      try {
        against = own.against().evaluate(block).requireUsable(block);
      } catch (RuntimeException | LinkageError e) {
        return new Scores(
            block, Optional.empty(), none(block), Optional.of(fault(rivals.against(), e)));
      }
      try {
        RewardModel.Rewards candidate = own.candidate().evaluate(block);
        return candidate
            .misfitTo(block)
            .map(
                misfit ->
                    new Scores(
                        block,
                        Optional.of(against),
                        none(block),
                        Optional.of(rivals.candidate().reward() + ": " + misfit)))
            .orElseGet(() -> new Scores(block, Optional.of(against), candidate, Optional.empty()));
      } catch (RuntimeException | LinkageError e) {
        return new Scores(
            block, Optional.of(against), none(block), Optional.of(fault(rivals.candidate(), e)));
      }
    } finally {
      idle.add(own);
    }
  }

  private static String fault(RewardDefinition whose, Throwable fault) {
    return whose.reward() + ": " + Faults.describe(fault);
  }

  /** No particle has a finite reward. */
  private static RewardModel.Rewards none(RewardModel.Block block) {
    float[] values = new float[block.rows()];
    Arrays.fill(values, Float.NaN);
    return new RewardModel.Rewards(values, new float[block.rows() * block.d()]);
  }

  private void takeFirst() throws RefusedException {
    Scores scores;
    try {
      scores = underWay.removeFirst().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new RefusedException(Kind.UNUSABLE, Faults.describe(e), e);
    } catch (TimeoutException e) {
      throw new RefusedException(
          Kind.UNUSABLE, "a group was not scored within %d s".formatted(PATIENCE_SECONDS), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RefusedException(Kind.UNAVAILABLE, "this node ends", e);
    }
    firstFault = firstFault.or(scores::fault);
    if (scores.against().isEmpty()) {
      leftOut++;
    } else {
      candidateFailed += scores.fault().isPresent() ? 1 : 0;
      figures.add(scores.block(), scores.against().get(), scores.candidate());
    }
    groupsDone++;
    progress.accept(groupsDone);
  }

  private Outcome outcome(double seconds) {
    BacktestResult result = figures.result();
    ObjectNode json = result.toJson();
    json.put("leftOut", leftOut).put("candidateFailed", candidateFailed);
    firstFault.ifPresent(fault -> json.put("firstFault", fault));
    ObjectNode ranges = json.putObject("offsets");
    taken.forEach(
        (partition, range) -> {
          ArrayNode ends = ranges.putArray(Integer.toString(partition));
          ends.add(range.from()).add(range.to());
        });
    json.put("inputsSha256", HexFormat.of().formatHex(inputs.digest()));
    json.put("seconds", Math.round(seconds * 1000) / 1000.0);
    return new Outcome(result, json);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }
}
