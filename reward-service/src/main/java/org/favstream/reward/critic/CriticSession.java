// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.critic;

import ai.djl.Device;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.Noise;
import org.favstream.protocol.StateBatch;
import org.favstream.protocol.Tensor;
import org.favstream.protocol.Transitions;
import org.favstream.sampler.environment.TransitionSet;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.noise.NoiseSource;

/**
 * One life of the critics' training: critics, replay buffer, and the counters of what is drawn.
 * Confined to one thread at a time.
 */
public final class CriticSession implements AutoCloseable {

  /**
   * What does not change over a training.
   *
   * @param settings how critics learn
   * @param hidden sizes of their hidden layers
   * @param batch transitions an update
   * @param states how many of the batch's states go to the policy: the critics need more of them
   *     than it does
   * @param capacity transitions that are kept
   * @param sourceWeights by kind of source; 1 where it is not named
   */
  public record Settings(
      CriticSettings settings,
      List<Integer> hidden,
      int batch,
      int states,
      int capacity,
      Map<String, Double> sourceWeights) {
    public Settings {
      hidden = List.copyOf(hidden);
      sourceWeights = Map.copyOf(sourceWeights);
      if (states < 1 || batch < states || capacity < batch) {
        throw new IllegalArgumentException(
            "critic: states %d must be at least 1, batch %d and replay-capacity %d at least as much"
                .formatted(states, batch, capacity));
      }
    }
  }

  /** The weight of the offline set is that of the source {@value}. */
  private static final String OFFLINE = "offline";

  private final String run;
  private final Settings settings;
  private final int observationSize;
  private final int actionSize;
  private final String environment;
  private final CriticTrainer trainer;
  private final ReplayBuffer replay;
  private final long batchKey;
  private final long noiseKey;
  private long updates;

  /**
   * Begins, or goes on.
   *
   * @param run the run's id
   * @param offline what the replay buffer begins with
   * @param policy whose actions the target takes
   * @param policyWeights its newest
   * @throws WeightsException where the checkpoint or the policy's weights are of other networks
   * @throws RefusedTransitionsException where the offline set is not sound
   */
  public CriticSession(
      String run,
      Settings settings,
      TransitionSet offline,
      Generator policy,
      Weights policyWeights,
      Optional<CriticCheckpoint> checkpoint,
      long seed,
      Device device)
      throws WeightsException, RefusedTransitionsException {
    this.run = run;
    this.settings = settings;
    this.observationSize = offline.observationSize();
    this.actionSize = offline.actionSize();
    this.environment = offline.environment();
    this.batchKey = NoiseSource.key(seed, "critic/batches", 0);
    this.noiseKey = NoiseSource.key(seed, "critic/noise", 0);
    this.replay = new ReplayBuffer(offline, weight(OFFLINE), settings.capacity());
    TwinCritic critic = critic(offline, settings);
    this.trainer =
        new CriticTrainer(
            critic,
            new Weights(critic.layout().tensors(), critic.initialParameters(seed)),
            policy,
            policyWeights,
            settings.settings(),
            device);
    if (checkpoint.isPresent()) {
      try {
        trainer.restore(checkpoint.get().state());
      } catch (IllegalArgumentException e) {
        trainer.close();
        throw new WeightsException("a checkpoint of other critics: " + e.getMessage(), e);
      }
      this.updates = checkpoint.get().updates();
    }
  }

  /** The critics of transitions like these. */
  public static TwinCritic critic(TransitionSet like, Settings settings) {
    return new TwinCritic(like.observationSize(), like.actionSize(), settings.hidden());
  }

  private double weight(String kind) {
    return settings.sourceWeights().getOrDefault(kind, 1.0);
  }

  /** Updates done. */
  public long updates() {
    return updates;
  }

  /** Transitions in the replay buffer. */
  public int transitions() {
    return replay.size();
  }

  /**
   * Takes the policy's newer weights.
   *
   * @throws WeightsException where they are another policy's
   */
  public void swapPolicy(Weights weights) throws WeightsException {
    trainer.swapPolicy(weights);
  }

  /**
   * Takes up what was lived through.
   *
   * @throws RefusedTransitionsException where it is another run's or robot's, or not sound
   */
  public void append(Transitions lived) throws RefusedTransitionsException {
    if (!lived.run().equals(run)) {
      throw new RefusedTransitionsException(
          "transitions of run %s, this is run %s".formatted(lived.run(), run));
    }
    if (lived.observations().size(1) != observationSize
        || lived.actions().size(1) != actionSize
        || !lived.environment().equals(environment)) {
      throw new RefusedTransitionsException(
          "transitions of %s from %s (observations %s, actions %s): expected those of %s, with observations of %d and actions of %d"
              .formatted(
                  lived.environment(),
                  lived.source(),
                  lived.observations(),
                  lived.actions(),
                  environment,
                  observationSize,
                  actionSize));
    }
    replay.append(setOf(lived), weight(lived.sourceKind()));
  }

  private TransitionSet setOf(Transitions lived) {
    int steps = lived.steps();
    float[] states = lived.observations().toArray();
    float[] before = new float[steps * observationSize];
    float[] after = new float[before.length];
    System.arraycopy(states, 0, before, 0, before.length);
    System.arraycopy(states, observationSize, after, 0, after.length);
    boolean[] terminated = new boolean[steps];
    boolean[] truncated = new boolean[steps];
    switch (lived.ending()) {
      case NONE -> {}
      case TERMINATED -> terminated[steps - 1] = true;
      case TRUNCATED, LOST -> truncated[steps - 1] = true;
    }
    return new TransitionSet(
        environment,
        observationSize,
        actionSize,
        before,
        lived.actions().toArray(),
        lived.rewards().toArray(),
        after,
        terminated,
        truncated);
  }

  /**
   * An update, and the states it was made of.
   *
   * @param outcome what the update did
   * @param states with the actions that were taken there, for the policy
   */
  public record Update(CriticTrainer.Outcome outcome, StateBatch states) {}

  /** One update. */
  public Update update() {
    ReplayBuffer.Batch batch = draw();
    return updated(batch, trainer.update(batch, new Noise(noiseKey, updates)));
  }

  /**
   * One update, with other values of what comes next than those of the policy's actions.
   *
   * @param nextValues of a batch's next observations: {@code (rows)}
   */
  public Update update(Function<ReplayBuffer.Batch, float[]> nextValues) {
    ReplayBuffer.Batch batch = draw();
    return updated(batch, trainer.update(batch, nextValues.apply(batch)));
  }

  /** The target networks' values of what was done: {@code (2, rows)}. */
  public float[] targetValues(ReplayBuffer.Batch batch) {
    return trainer.targetValues(batch);
  }

  private ReplayBuffer.Batch draw() {
    return replay.draw(new Noise(batchKey, updates), settings.batch());
  }

  private Update updated(ReplayBuffer.Batch batch, CriticTrainer.Outcome outcome) {
    StateBatch states =
        new StateBatch(
            run,
            updates,
            Tensor.of(
                new int[] {settings.states(), observationSize},
                Arrays.copyOf(batch.observations(), settings.states() * observationSize)),
            Tensor.of(
                new int[] {settings.states(), 1, actionSize},
                Arrays.copyOf(batch.actions(), settings.states() * actionSize)));
    updates++;
    return new Update(outcome, states);
  }

  /**
   * The critics now.
   *
   * @throws WeightsException where a weight is not finite: such critics are never published
   */
  public Weights weights() throws WeightsException {
    return trainer.weights();
  }

  /**
   * The state now.
   *
   * @param version of the critics
   */
  public CriticCheckpoint checkpoint(long version) {
    return new CriticCheckpoint(run, updates, version, trainer.state());
  }

  @Override
  public void close() {
    trainer.close();
  }
}
