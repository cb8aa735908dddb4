// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.critic;

/**
 * How critics learn.
 *
 * @param discount {@code γ}, in [0, 1): what the value of the next step counts
 * @param rewardScale by which rewards are multiplied; above 0
 * @param targetRate {@code τ}, in (0, 1]: how far the target networks follow in one update
 * @param aggregation how the target takes the two critics together
 * @param learningRate of Adam, above 0
 */
public record CriticSettings(
    double discount,
    double rewardScale,
    double targetRate,
    Aggregation aggregation,
    double learningRate) {

  /** How the target takes two values together. */
  public enum Aggregation {
    /** Their mean. */
    MEAN,
    /** The lesser: against values that are too high, at the price of some that are too low. */
    MIN;

    /**
     * For each row.
     *
     * @param twins {@code (2, rows)}
     * @return {@code (rows)}
     */
    public float[] of(float[] twins) {
      float[] values = new float[twins.length / 2];
      for (int row = 0; row < values.length; row++) {
        float first = twins[row];
        float second = twins[values.length + row];
        values[row] = this == MEAN ? 0.5f * (first + second) : Math.min(first, second);
      }
      return values;
    }
  }

  public CriticSettings {
    if (!(discount >= 0 && discount < 1)) {
      throw new IllegalArgumentException(
          "critic: discount %s: expected at least 0 and less than 1".formatted(discount));
    }
    if (!(targetRate > 0 && targetRate <= 1)) {
      throw new IllegalArgumentException(
          "critic: target-rate %s: expected above 0 and at most 1".formatted(targetRate));
    }
    if (!(rewardScale > 0 && Double.isFinite(rewardScale))
        || !(learningRate > 0 && Double.isFinite(learningRate))) {
      throw new IllegalArgumentException(
          "critic: reward-scale %s and learning-rate %s: expected above 0"
              .formatted(rewardScale, learningRate));
    }
  }
}
