// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.evaluation;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.favstream.reward.model.RewardModel;

/**
 * Of some numbers.
 *
 * @param std the standard deviation of these numbers themselves: over their count, not one less
 */
record Moments(double mean, double std) {

  /** Of at least one number. */
  static Moments of(double[] numbers) {
    double mean = Arrays.stream(numbers).average().orElseThrow();
    double variance =
        Arrays.stream(numbers).map(x -> (x - mean) * (x - mean)).average().orElseThrow();
    return new Moments(mean, Math.sqrt(variance));
  }

  /**
   * What a reward says of each row of a block.
   *
   * @throws org.favstream.reward.model.RewardModelException where that is nothing usable
   */
  static double[] rewards(RewardModel reward, RewardModel.Block block) {
    float[] values = reward.evaluate(block).requireUsable(block).values();
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }
}
