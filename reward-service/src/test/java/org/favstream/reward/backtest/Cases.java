// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.backtest;

import java.util.Arrays;
import org.favstream.protocol.Noise;
import org.favstream.reward.model.RewardModel.Block;
import org.favstream.reward.model.RewardModel.Rewards;
import org.favstream.sampler.noise.NoiseSource;

/** Blocks and rewards to compare. */
final class Cases {
  private Cases() {}

  static Block block(int contexts, int particles, int d) {
    return new Block(
        contexts,
        particles,
        d,
        new float[contexts * particles * d],
        new float[contexts],
        new Noise(0, 0));
  }

  /** Normal rewards and gradients. */
  static Rewards drawn(long seed, Block block) {
    return new Rewards(
        NoiseSource.normals(new Noise(seed, 0), block.rows()),
        NoiseSource.normals(new Noise(seed, 1), block.rows() * block.d()));
  }

  /** {@code scale · r + shift}, with its gradients. */
  static Rewards affine(Rewards rewards, float scale, float shift) {
    float[] values = rewards.values().clone();
    float[] gradients = rewards.gradients().clone();
    for (int i = 0; i < values.length; i++) {
      values[i] = scale * values[i] + shift;
    }
    for (int i = 0; i < gradients.length; i++) {
      gradients[i] *= scale;
    }
    return new Rewards(values, gradients);
  }

  static BacktestResult compared(Block block, Rewards active, Rewards candidate) {
    Backtest backtest = new Backtest();
    backtest.add(block, active, candidate);
    return backtest.result();
  }

  /** One particle a reward, in one context, all gradients 1. */
  static BacktestResult compared(float[] active, float[] candidate) {
    return compared(
        block(1, active.length, 1),
        new Rewards(active, ones(active.length)),
        new Rewards(candidate, ones(active.length)));
  }

  private static float[] ones(int count) {
    float[] ones = new float[count];
    Arrays.fill(ones, 1);
    return ones;
  }
}
