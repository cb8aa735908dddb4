// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.favstream.actors.engine.EngineScope;
import org.favstream.actors.engine.Gradients;

/** A reward model whose gradient comes from the engine's reverse mode. */
public final class AutogradReward implements RewardModel {
  private final DifferentiableReward reward;
  private final NDManager manager;

  /** Computes on this device. */
  public AutogradReward(DifferentiableReward reward, Device device) {
    this(reward, NDManager.newBaseManager(device, "PyTorch"));
  }

  /** Computes with this manager, and closes it. */
  AutogradReward(DifferentiableReward reward, NDManager manager) {
    this.reward = reward;
    this.manager = manager;
  }

  /** A reward as a black box, in float64, for comparison with its own gradient. */
  public static BlackBox asBlackBox(DifferentiableReward reward, Device device) {
    NDManager manager = NDManager.newBaseManager(device, "PyTorch");
    return new BlackBox() {
      @Override
      public double[] values(int rows, double[] particles, float[] contexts) {
        try (EngineScope scope = new EngineScope(manager)) {
          NDManager here = scope.manager();
          NDArray at = here.create(particles, new Shape(rows, particles.length / rows));
          NDArray with = here.create(contexts, new Shape(rows, contexts.length / rows));
          return reward.value(at, with.toType(DataType.FLOAT64, false)).toDoubleArray();
        }
      }

      @Override
      public void close() {
        manager.close();
      }
    };
  }

  @Override
  public Rewards evaluate(Block block) {
    try (EngineScope scope = new EngineScope(manager)) {
      NDManager here = scope.manager();
      NDArray leaf =
          Gradients.leafOf(here.create(block.values(), new Shape(block.rows(), block.d())));
      NDArray contexts =
          here.create(block.contextRows(), new Shape(block.rows(), block.contextSize()));
      NDArray values = reward.value(leaf, contexts);
      NDArray gradients = Gradients.inLeaf(values, values.onesLike(), leaf);
      return new Rewards(values.toFloatArray(), gradients.toFloatArray());
    }
  }

  @Override
  public void close() {
    manager.close();
  }
}
