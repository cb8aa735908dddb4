// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.favstream.actors.runtime.Faults;
import org.favstream.protocol.Generation;
import org.favstream.protocol.Noise;
import org.favstream.protocol.RewardDefinition;
import org.favstream.protocol.RewardVersion;
import org.favstream.reward.model.RewardModel;
import org.favstream.reward.registry.RefusedException;
import org.favstream.reward.registry.RefusedException.Kind;
import org.favstream.reward.registry.RewardModels;
import org.favstream.sampler.noise.NoiseSource;

/**
 * Tries a reward before groups depend on it: its model is made, and scores the newest logged group.
 * On threads of its own, since a model may take for ever.
 */
final class ModelTrial implements AutoCloseable {
  private static final int AT_ONCE = 2;
  private static final int PARTICLES = 64;
  private static final Noise NORMALS = new Noise(0, 0);

  /** The newest group on the log; empty where there is none. */
  @FunctionalInterface
  interface Newest {
    Optional<Generation> group() throws RefusedException;
  }

  private final Newest newest;
  private final RewardModels models;
  private final Duration patience;
  private final ThreadPoolExecutor workers;

  /** Trials that were given up: a model that listens to no interrupt keeps its thread. */
  private final ConcurrentMap<CountDownLatch, RewardVersion> givenUp = new ConcurrentHashMap<>();

  /**
   * Begins nothing yet.
   *
   * @param patience how long a trial may take
   */
  ModelTrial(Newest newest, RewardModels models, Duration patience) {
    this.newest = newest;
    this.models = models;
    this.patience = patience;
    this.workers =
        new ThreadPoolExecutor(
            0,
            AT_ONCE,
            1,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> {
              Thread thread = new Thread(task, "favstream-reward-trial");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Returns where the reward can be used.
   *
   * @return on what it was tried, for people
   * @throws RefusedException where its model cannot be made, throws, gives something else than
   *     finite rewards and gradients of the right sizes, or takes too long
   */
  String run(RewardDefinition definition) throws RefusedException {
    Optional<Generation> group = newest.group();
    RewardModel.Block block = group.map(GroupScorer::block).orElseGet(() -> normals(definition));
    String sample =
        group
            .map(made -> "group %s, the newest on the log".formatted(made.id()))
            .orElse("standard-normal particles, as there are no groups on the log yet");
    CountDownLatch over = new CountDownLatch(1);
    Future<?> trial;
    try {
      trial =
          workers.submit(
              () -> {
                try {
                  score(definition, block);
                } finally {
                  over.countDown();
                }
              });
    } catch (RejectedExecutionException e) {
      throw new RefusedException(Kind.UNAVAILABLE, busy(), e);
    }
    try {
      Object unused = trial.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      return sample;
    } catch (ExecutionException e) {
      throw unusable(definition, Faults.describe(e) + " (on " + sample + ")", e);
    } catch (TimeoutException e) {
      givenUp.put(over, definition.reward());
      trial.cancel(true);
      throw unusable(
          definition, "it did not score %s within %d s".formatted(sample, patience.toSeconds()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RefusedException(Kind.UNAVAILABLE, "this node ends", e);
    }
  }

  private String busy() {
    givenUp.keySet().removeIf(over -> over.getCount() == 0);
    String busy =
        "%d rewards are being tried already: ask again once they are done".formatted(AT_ONCE);
    return givenUp.isEmpty()
        ? busy
        : "%s; but %s did not end within %d s, and may never: where it stays so, restart the control (of a run that has its own: end the run, and --resume)"
            .formatted(busy, givenUp.values(), patience.toSeconds());
  }

  private void score(RewardDefinition definition, RewardModel.Block block) {
    try (RewardModel model = models.open(definition)) {
      RewardModel.Rewards unused = model.evaluate(block).requireUsable(block);
    } catch (LinkageError e) {
      throw new IllegalStateException(Faults.describe(e), e);
    }
  }

  private static RefusedException unusable(
      RewardDefinition definition, String why, Exception cause) {
    return new RefusedException(
        Kind.UNUSABLE, "%s cannot be used: %s".formatted(definition.reward(), why), cause);
  }

  private static RewardModel.Block normals(RewardDefinition definition) {
    int d = definition.particleSize();
    float[] all = NoiseSource.normals(NORMALS, PARTICLES * d + definition.contextSize());
    float[] values = new float[PARTICLES * d];
    float[] context = new float[definition.contextSize()];
    System.arraycopy(all, 0, values, 0, values.length);
    System.arraycopy(all, values.length, context, 0, context.length);
    return new RewardModel.Block(1, PARTICLES, d, values, context, NORMALS);
  }

  @Override
  public void close() {
    workers.shutdownNow();
  }
}
