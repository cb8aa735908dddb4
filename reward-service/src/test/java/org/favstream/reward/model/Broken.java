// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

/** Models that do wrong, for those that have to say so. */
final class Broken {
  private Broken() {}

  /** Gives one reward that is not finite. */
  static RewardModel notFinite(float number) {
    return block -> {
      RewardModel.Rewards rewards = new Wave(1, 0).evaluate(block);
      rewards.values()[1] = number;
      return rewards;
    };
  }

  /** Gives one gradient number that is not finite. */
  static RewardModel notFiniteSlope() {
    return block -> {
      RewardModel.Rewards rewards = new Wave(1, 0).evaluate(block);
      rewards.gradients()[block.d()] = Float.NaN;
      return rewards;
    };
  }

  /** Gives fewer rewards than there are particles. */
  static RewardModel tooFew() {
    return block -> new RewardModel.Rewards(new float[1], new float[block.rows() * block.d()]);
  }

  /** Cannot score. */
  static RewardModel failing(RuntimeException fault) {
    return block -> {
      throw fault;
    };
  }

  /** Cannot close. */
  static RewardModel unclosable(RuntimeException fault) {
    return new RewardModel() {
      @Override
      public Rewards evaluate(Block block) {
        return new Wave(1, 0).evaluate(block);
      }

      @Override
      public void close() {
        throw fault;
      }
    };
  }
}
