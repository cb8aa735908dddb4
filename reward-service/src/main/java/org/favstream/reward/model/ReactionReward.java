// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import static org.favstream.sampler.reaction.ReactionSystem.CONTROLS;
import static org.favstream.sampler.reaction.ReactionSystem.CONTROL_LIMIT;

import java.util.Arrays;
import org.favstream.sampler.reaction.ReactionContext;
import org.favstream.sampler.reaction.ReactionFeatures;
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
    return (rows, particles, contexts) -> {
      requireSizes(particles.length / rows, contexts.length / rows);
      double[] values = new double[rows];
      double[] held = new double[CONTROLS];
      for (int row = 0; row < rows; row++) {
        double beyond = hold(particles, row * CONTROLS, held);
        double cost = simulator.cost(context(contexts, row), held).cost();
        values[row] = -cost - BEYOND_PRICE * beyond;
      }
      return values;
    };
  }

  private static void requireSizes(int d, int contextSize) {
    if (d != CONTROLS || contextSize != ReactionFeatures.SIZE) {
      throw new IllegalArgumentException(
          "controls of %d numbers in contexts of %d: expected %d in %d"
              .formatted(d, contextSize, CONTROLS, ReactionFeatures.SIZE));
    }
  }

  private static ReactionContext context(float[] contexts, int row) {
    int first = row * ReactionFeatures.SIZE;
    return ReactionContext.fromFeatures(
        Arrays.copyOfRange(contexts, first, first + ReactionContext.FEATURES));
  }

  /** Writes the control as the limit holds it, and says how far it is beyond. */
  private static double hold(double[] controls, int first, double[] held) {
    double beyond = 0;
    for (int j = 0; j < CONTROLS; j++) {
      held[j] = Math.max(-CONTROL_LIMIT, Math.min(CONTROL_LIMIT, controls[first + j]));
      beyond += Math.abs(controls[first + j] - held[j]);
    }
    return beyond;
  }

  @Override
  public Rewards evaluate(Block block) {
    requireSizes(block.d(), block.contextSize());
    float[] values = new float[block.rows()];
    float[] gradients = new float[block.rows() * CONTROLS];
    double[] controls = new double[gradients.length];
    for (int i = 0; i < controls.length; i++) {
      controls[i] = block.values()[i];
    }
    double[] held = new double[CONTROLS];
    double[] slope = new double[CONTROLS];
    for (int row = 0; row < block.rows(); row++) {
      double beyond = hold(controls, row * CONTROLS, held);
      ReactionContext context = context(block.contextValues(), row / block.particles());
      Rollout rollout = simulator.costAndGradient(context, held, slope);
      values[row] = (float) (-rollout.cost() - BEYOND_PRICE * beyond);
      for (int j = 0; j < CONTROLS; j++) {
        double control = controls[row * CONTROLS + j];
        gradients[row * CONTROLS + j] =
            (float) (control == held[j] ? -slope[j] : -BEYOND_PRICE * Math.signum(control));
      }
    }
    return new Rewards(values, gradients);
  }
}
