// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import static org.favstream.sampler.reaction.ReactionSystem.CONTROLS;
import static org.favstream.sampler.reaction.ReactionSystem.CONTROL_LIMIT;

import java.util.Arrays;
import org.favstream.sampler.reaction.ReactionContext;
import org.favstream.sampler.reaction.ReactionSimulator;
import org.favstream.sampler.reaction.Rollout;

/**
 * The reward of the reaction task: {@code r = -J}, with the simulator's own gradient. Controls
 * beyond the limit act as the limit does; to bring them back, each costs what it is beyond.
 */
public final class ReactionReward implements RewardModel {
  /** Reward of a control, for each unit that one of its numbers is beyond the limit. */
  private static final double BEYOND_PRICE = 1;

  private final ReactionSimulator simulator;

  /**
   * A reward.
   *
   * @param tolerance of the simulator
   */
  public ReactionReward(double tolerance) {
    this.simulator = new ReactionSimulator(tolerance);
  }

  /**
   * The same reward as a black box.
   *
   * @param tolerance of the simulator; differences of rewards are taken, so a fine one
   */
  public static BlackBox blackBox(double tolerance) {
    ReactionSimulator simulator = new ReactionSimulator(tolerance);
    double[] held = new double[CONTROLS];
    return (particle, context) -> {
      double beyond = hold(particle, held);
      return -simulator.cost(ReactionContext.fromFeatures(context), held).cost()
          - BEYOND_PRICE * beyond;
    };
  }

  private static double hold(double[] control, double[] held) {
    double beyond = 0;
    for (int j = 0; j < CONTROLS; j++) {
      held[j] = Math.max(-CONTROL_LIMIT, Math.min(CONTROL_LIMIT, control[j]));
      beyond += Math.abs(control[j] - held[j]);
    }
    return beyond;
  }

  @Override
  public Rewards evaluate(Block block) {
    float[] values = new float[block.rows()];
    float[] gradients = new float[block.rows() * CONTROLS];
    double[] control = new double[CONTROLS];
    double[] held = new double[CONTROLS];
    double[] slope = new double[CONTROLS];
    for (int row = 0; row < block.rows(); row++) {
      int first = row / block.particles() * ReactionContext.FEATURES;
      ReactionContext context =
          ReactionContext.fromFeatures(
              Arrays.copyOfRange(block.contextValues(), first, first + ReactionContext.FEATURES));
      for (int j = 0; j < CONTROLS; j++) {
        control[j] = block.values()[row * CONTROLS + j];
      }
      double beyond = hold(control, held);
      Rollout rollout = simulator.costAndGradient(context, held, slope);
      values[row] = (float) (-rollout.cost() - BEYOND_PRICE * beyond);
      for (int j = 0; j < CONTROLS; j++) {
        boolean inside = control[j] == held[j];
        gradients[row * CONTROLS + j] =
            (float) (inside ? -slope[j] : -BEYOND_PRICE * Math.signum(control[j]));
      }
    }
    return new Rewards(values, gradients);
  }
}
