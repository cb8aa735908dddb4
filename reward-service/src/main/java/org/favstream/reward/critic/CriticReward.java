// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.critic;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.favstream.actors.engine.EngineScope;
import org.favstream.actors.engine.FlatTensors;
import org.favstream.actors.engine.Gradients;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.reward.model.RewardModel;
import org.favstream.sampler.generator.PolicyGenerator;

/**
 * The mean of two critics as a reward: contexts are observations, particles actions before they are
 * clipped to {@code [-1, 1]}. Swaps its weights between two calls as a whole.
 *
 * <p><b>Beyond the bounds</b> an action acts as the nearest one within, and so {@code r(x) = Q(s,
 * clip(x))}. Its gradient is the critic's at the clipped action, but for components that lead
 * farther out, which are 0: they change no action, and would let particles drift away without end.
 * Components that lead back are kept, although the derivative of the clip is 0 there, so that a
 * particle returns as soon as the critic wants it to. Being beyond costs nothing: the prior's score
 * pulls to a reference action, which is within.
 */
public final class CriticReward implements RewardModel {
  private final TwinCritic critic;
  private final NDManager manager;
  private final NDArray parameters;

  /**
   * Loads the first weights.
   *
   * @throws WeightsException where they are other critics'
   */
  public CriticReward(TwinCritic critic, Weights weights, Device device) throws WeightsException {
    weights.requireTensors(critic.layout().tensors());
    this.critic = critic;
    this.manager = NDManager.newBaseManager(device, "PyTorch");
    this.parameters = manager.create(weights.values());
  }

  /**
   * Takes other weights; nothing changes where they do not fit.
   *
   * @throws WeightsException where they are other critics'
   */
  public void swap(Weights weights) throws WeightsException {
    weights.requireTensors(critic.layout().tensors());
    FlatTensors.write(parameters, weights.values());
  }

  @Override
  public Rewards evaluate(Block block) {
    if (block.d() != critic.actionSize() || block.contextSize() != critic.observationSize()) {
      throw new IllegalArgumentException(
          "actions of %d numbers at observations of %d: the critics know %d at %d"
              .formatted(
                  block.d(), block.contextSize(), critic.actionSize(), critic.observationSize()));
    }
    int rows = block.rows();
    try (EngineScope scope = new EngineScope(manager)) {
      NDManager here = scope.manager();
      NDArray observations =
          here.create(block.contextRows(), new Shape(rows, critic.observationSize()));
      NDArray actions =
          Gradients.leafOf(
              here.create(
                  PolicyGenerator.actions(block.values()), new Shape(rows, critic.actionSize())));
      NDArray values = critic.values(parameters, observations, actions);
      NDArray gradients = Gradients.inLeaf(values, halves(here, rows), actions);
      return new Rewards(
          means(values.toFloatArray()), inward(block.values(), gradients.toFloatArray()));
    }
  }

  /** The cotangent of the mean of two. */
  private static NDArray halves(NDManager manager, int rows) {
    float[] halves = new float[2 * rows];
    Arrays.fill(halves, 0.5f);
    return manager.create(halves, new Shape(2, rows));
  }

  private static float[] means(float[] values) {
    float[] means = new float[values.length / 2];
    for (int row = 0; row < means.length; row++) {
      means[row] = 0.5f * (values[row] + values[means.length + row]);
    }
    return means;
  }

  private static float[] inward(float[] particles, float[] gradients) {
    for (int i = 0; i < gradients.length; i++) {
      if ((particles[i] > 1 && gradients[i] > 0) || (particles[i] < -1 && gradients[i] < 0)) {
        gradients[i] = 0;
      }
    }
    return gradients;
  }

  @Override
  public void close() {
    manager.close();
  }
}
