// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.critic;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Optional;
import org.favstream.actors.engine.Adam;
import org.favstream.actors.engine.EngineScope;
import org.favstream.actors.engine.FlatTensors;
import org.favstream.actors.engine.Gradients;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.Noise;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.PolicyGenerator;
import org.favstream.sampler.noise.NoiseSource;

/**
 * Two critics under training: weights, targets, optimiser, and the update that joins them.
 *
 * <p>{@code L = mean (Q(s, a) - y)²} over both critics and all rows, with {@code y = scale · r + γ
 * · mask · agg(Q_target(s', a'))} and {@code a' = clip(G(z', s'))} of the policy's current weights.
 * The target builds no graph; the loss's gradient is one vector-Jacobian product of the critics
 * with {@code (Q - y) / rows}. After each step the target networks follow: {@code target += τ ·
 * (weights - target)}. Confined to one thread at a time.
 */
public final class CriticTrainer implements AutoCloseable {

  /**
   * What an update did.
   *
   * @param loss before the step
   * @param meanValue of both critics over the batch, before the step
   * @param meanTarget of the batch
   * @param gradientNorm of the loss
   * @param skipped why no step was taken; empty where one was
   */
  public record Outcome(
      double loss,
      double meanValue,
      double meanTarget,
      double gradientNorm,
      Optional<String> skipped) {}

  /**
   * All that a checkpoint keeps; with it, and the same policy, batches and draws, the training goes
   * on to the last bit as if it had not stopped.
   *
   * @param weights of the critics, flat
   * @param target of the target networks, flat
   * @param moments of the optimiser
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never shared
  public record State(float[] weights, float[] target, Adam.State moments) {}

  private final TwinCritic critic;
  private final Generator policy;
  private final CriticSettings settings;
  private final NDManager manager;
  private final NDArray parameters;
  private final NDArray target;
  private final NDArray policyParameters;
  private final Adam adam;

  /**
   * Begins with fresh moments, and target networks like the critics.
   *
   * @param policy whose context is the observation and whose sample is the action
   * @throws WeightsException where weights are other critics' or another policy's
   */
  public CriticTrainer(
      TwinCritic critic,
      Weights weights,
      Generator policy,
      Weights policyWeights,
      CriticSettings settings,
      Device device)
      throws WeightsException {
    if (policy.contextSize() != critic.observationSize()
        || policy.sampleSize() != critic.actionSize()) {
      throw new IllegalArgumentException(
          "a policy with observations of %d and actions of %d for critics with %d and %d"
              .formatted(
                  policy.contextSize(),
                  policy.sampleSize(),
                  critic.observationSize(),
                  critic.actionSize()));
    }
    weights.requireTensors(critic.layout().tensors());
    policyWeights.requireTensors(policy.layout().tensors());
    this.critic = critic;
    this.policy = policy;
    this.settings = settings;
    this.manager = NDManager.newBaseManager(device, "PyTorch");
    this.parameters = manager.create(weights.values());
    this.target = manager.create(weights.values());
    this.policyParameters = manager.create(policyWeights.values());
    this.adam = new Adam(manager, weights.length(), Adam.Settings.adam(0));
  }

  /**
   * Takes the policy's newer weights; nothing changes where they do not fit.
   *
   * @throws WeightsException where they are another policy's
   */
  public void swapPolicy(Weights weights) throws WeightsException {
    weights.requireTensors(policy.layout().tensors());
    FlatTensors.write(policyParameters, weights.values());
  }

  /**
   * One update.
   *
   * @param draw of the policy's noise at the next observations
   */
  public Outcome update(ReplayBuffer.Batch batch, Noise draw) {
    return update(batch, settings.aggregation().of(nextValues(batch, draw)));
  }

  /**
   * One update, with other values of what comes next than those of the policy's actions.
   *
   * @param nextValues of the next observations: {@code (rows)}
   */
  public Outcome update(ReplayBuffer.Batch batch, float[] nextValues) {
    int rows = batch.rows();
    float[] targets = targets(settings, batch, nextValues);
    try (EngineScope scope = new EngineScope(manager)) {
      NDManager here = scope.manager();
      NDArray leaf = Gradients.leafOf(parameters);
      NDArray output =
          critic.values(
              leaf,
              here.create(batch.observations(), new Shape(rows, critic.observationSize())),
              here.create(batch.actions(), new Shape(rows, critic.actionSize())));
      float[] values = output.toFloatArray();
      float[] cotangent = new float[values.length];
      double loss = 0;
      double valueSum = 0;
      double targetSum = 0;
      for (int i = 0; i < values.length; i++) {
        float residual = values[i] - targets[i % rows];
        cotangent[i] = residual / rows; // 2 / (2 · rows)
        loss += (double) residual * residual / values.length;
        valueSum += values[i];
        targetSum += targets[i % rows];
      }
      double meanValue = valueSum / values.length;
      double meanTarget = targetSum / values.length;
      if (!Double.isFinite(loss)) {
        return new Outcome(loss, meanValue, meanTarget, Double.NaN, Optional.of("loss is " + loss));
      }
      NDArray seed = here.create(cotangent, new Shape(2, rows));
      double norm =
          adam.step(parameters, Gradients.inLeaf(output, seed, leaf), settings.learningRate());
      if (!Double.isFinite(norm)) {
        return new Outcome(
            loss, meanValue, meanTarget, norm, Optional.of("gradient norm is " + norm));
      }
      follow();
      return new Outcome(loss, meanValue, meanTarget, norm, Optional.empty());
    }
  }

  /** The target networks' values of the policy's next actions: {@code (2, rows)}. */
  private float[] nextValues(ReplayBuffer.Batch batch, Noise draw) {
    int rows = batch.rows();
    try (EngineScope scope = new EngineScope(manager)) {
      NDManager here = scope.manager();
      NDArray next =
          here.create(batch.nextObservations(), new Shape(rows, critic.observationSize()));
      NDArray noise =
          here.create(
              NoiseSource.normals(draw, rows * policy.noiseSize()),
              new Shape(rows, policy.noiseSize()));
      NDArray actions =
          PolicyGenerator.actions(policy.forward(policyParameters, noise, Optional.of(next)));
      return critic.values(target, next, actions).toFloatArray();
    }
  }

  /** The target networks' values of what was done: {@code (2, rows)}. */
  public float[] targetValues(ReplayBuffer.Batch batch) {
    int rows = batch.rows();
    try (EngineScope scope = new EngineScope(manager)) {
      NDManager here = scope.manager();
      return critic
          .values(
              target,
              here.create(batch.observations(), new Shape(rows, critic.observationSize())),
              here.create(batch.actions(), new Shape(rows, critic.actionSize())))
          .toFloatArray();
    }
  }

  /**
   * What the critics are to say.
   *
   * @param nextValues of the next observations: {@code (rows)}
   * @return {@code (rows)}
   */
  static float[] targets(CriticSettings settings, ReplayBuffer.Batch batch, float[] nextValues) {
    int rows = batch.rows();
    float[] targets = new float[rows];
    for (int row = 0; row < rows; row++) {
      targets[row] =
          (float)
              (settings.rewardScale() * batch.rewards()[row]
                  + settings.discount() * batch.masks()[row] * nextValues[row]);
    }
    return targets;
  }

  private void follow() {
    target.addi(parameters.sub(target).muli(settings.targetRate()));
  }

  /**
   * A copy of the critics' weights.
   *
   * @throws WeightsException where one is not finite
   */
  public Weights weights() throws WeightsException {
    return new Weights(critic.layout().tensors(), parameters.toFloatArray());
  }

  /** A copy of all that a checkpoint keeps. */
  public State state() {
    return new State(parameters.toFloatArray(), target.toFloatArray(), adam.state());
  }

  /**
   * Goes on from there.
   *
   * @throws IllegalArgumentException where it is of other critics
   */
  public void restore(State state) {
    FlatTensors.write(parameters, state.weights());
    FlatTensors.write(target, state.target());
    adam.restore(state.moments());
  }

  @Override
  public void close() {
    manager.close();
  }
}
