// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Several models that are asked about the same block; what one of them does wrong names it. */
final class NamedModels implements AutoCloseable {
  private final List<Map.Entry<String, RewardModel>> models;

  /**
   * Takes over models.
   *
   * @param models by the names that faults carry, in order; at least one
   */
  NamedModels(List<Map.Entry<String, RewardModel>> models) {
    if (models.isEmpty()) {
      throw new IllegalArgumentException("a reward of several: got none, expected at least one");
    }
    this.models = List.copyOf(models);
  }

  /**
   * What each model says, in their order.
   *
   * @throws RewardModelException where one fails, or gives what is no reward
   */
  List<RewardModel.Rewards> evaluate(RewardModel.Block block) {
    List<RewardModel.Rewards> all = new ArrayList<>();
    models.forEach(model -> all.add(evaluate(model.getKey(), model.getValue(), block)));
    return all;
  }

  private static RewardModel.Rewards evaluate(
      String name, RewardModel model, RewardModel.Block block) {
    try {
      return model.evaluate(block).requireUsable(block);
    } catch (RuntimeException | LinkageError e) {
      throw RewardModelException.of(name, e);
    }
  }

  /** Closes all, also where one fails to; the first failure comes out in the end. */
  @Override
  public void close() {
    RuntimeException first = null;
    for (Map.Entry<String, RewardModel> model : models) {
      try {
        model.getValue().close();
      } catch (RuntimeException e) {
        if (first == null) {
          first = e;
        } else {
          first.addSuppressed(e);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
