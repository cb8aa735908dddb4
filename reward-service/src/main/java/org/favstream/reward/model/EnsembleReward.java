// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Several models of one reward as one: their mean, the least of them, or a bound below their mean
 * that falls where they disagree (after Coste and others 2024, <i>Reward model ensembles help
 * mitigate overoptimization</i>; there with the variance in place of the standard deviation). The
 * gradient is exact, from the members' own: with rewards {@code r_i} of {@code m} members,
 * gradients {@code g_i} and the population's standard deviation {@code s},
 *
 * <ul>
 *   <li>mean: {@code (1/m) Σ g_i};
 *   <li>min: {@code g} of the least, of the first among equals;
 *   <li>lcb: {@code (1/m) Σ g_i - K · 1/(m s) Σ (r_i - mean) g_i}; where all agree, {@code s} has a
 *       kink, and the second term is left out.
 * </ul>
 */
public final class EnsembleReward implements RewardModel {
  private final NamedModels members;
  private final Aggregate aggregate;

  /**
   * Takes over members, and closes them in the end.
   *
   * @param members at least one; faults name them by their place, from 1
   */
  public EnsembleReward(List<RewardModel> members, Aggregate aggregate) {
    this.members =
        new NamedModels(
            IntStream.range(0, members.size())
                .mapToObj(
                    i ->
                        Map.entry(
                            "ensemble member %d of %d".formatted(i + 1, members.size()),
                            members.get(i)))
                .toList());
    this.aggregate = aggregate;
  }

  /**
   * {@inheritDoc}
   *
   * @throws RewardModelException where a member fails or gives a number that is not finite, naming
   *     it
   */
  @Override
  public Rewards evaluate(Block block) {
    List<Rewards> all = members.evaluate(block);
    int d = block.d();
    double[] rewards = new double[all.size()];
    double[] weights = new double[all.size()];
    float[] values = new float[block.rows()];
    float[] gradients = new float[block.rows() * d];
    for (int row = 0; row < values.length; row++) {
      for (int i = 0; i < rewards.length; i++) {
        rewards[i] = all.get(i).values()[row];
      }
      values[row] = (float) take(rewards, weights);
      for (int j = row * d; j < (row + 1) * d; j++) {
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
          sum += weights[i] * all.get(i).gradients()[j];
        }
        gradients[j] = (float) sum;
      }
    }
    return new Rewards(values, gradients);
  }

  /**
   * The aggregate of one particle's rewards.
   *
   * @param weights is filled with its derivative in each of them
   */
  private double take(double[] rewards, double[] weights) {
    return switch (aggregate.kind()) {
      case MEAN -> bound(rewards, weights, 0);
      case MIN -> least(rewards, weights);
      case LCB -> bound(rewards, weights, aggregate.caution());
    };
  }

  private static double least(double[] rewards, double[] weights) {
    int least = 0;
    for (int i = 0; i < rewards.length; i++) {
      weights[i] = 0;
      least = rewards[i] < rewards[least] ? i : least;
    }
    weights[least] = 1;
    return rewards[least];
  }

  private static double bound(double[] rewards, double[] weights, double caution) {
    int m = rewards.length;
    double sum = 0;
    for (double reward : rewards) {
      sum += reward;
    }
    double mean = sum / m;
    double squares = 0;
    for (double reward : rewards) {
      squares += (reward - mean) * (reward - mean);
    }
    double std = Math.sqrt(squares / m);
    for (int i = 0; i < m; i++) {
      double away = std == 0 ? 0 : (rewards[i] - mean) / std;
      weights[i] = (1 - caution * away) / m;
    }
    return mean - caution * std;
  }

  @Override
  public void close() {
    members.close();
  }
}
