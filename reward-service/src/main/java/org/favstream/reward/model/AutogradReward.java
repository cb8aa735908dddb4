// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.favstream.actors.engine.EngineScope;
import org.favstream.actors.engine.Gradients;

/** A reward model whose gradient comes from the engine's reverse mode. */
public final class AutogradReward implements RewardModel {
  private final DifferentiableReward reward;
  private final NDManager manager;

  /** Computes on this device. */
  public AutogradReward(DifferentiableReward reward, Device device) {
    this.reward = reward;
    this.manager = NDManager.newBaseManager(device, "PyTorch");
  }

  @Override
  public Rewards evaluate(Block block) {
    try (EngineScope scope = new EngineScope(manager)) {
      NDManager here = scope.manager();
      NDArray leaf =
          Gradients.leafOf(here.create(block.values(), new Shape(block.rows(), block.d())));
      NDArray values = reward.value(leaf, contextRows(here, block));
      NDArray gradients = Gradients.inLeaf(values, values.onesLike(), leaf);
      return new Rewards(values.toFloatArray(), gradients.toFloatArray());
    }
  }

  private static NDArray contextRows(NDManager manager, Block block) {
    int size = block.contextSize();
    if (size == 0) {
      return manager.zeros(new Shape(block.rows(), 0));
    }
    return manager
        .create(block.contextValues(), new Shape(block.contexts(), 1, size))
        .broadcast(new Shape(block.contexts(), block.particles(), size))
        .reshape(block.rows(), size);
  }

  @Override
  public void close() {
    manager.close();
  }
}
