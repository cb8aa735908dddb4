// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.evaluation;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.favstream.reward.model.RewardModel;
import org.favstream.sampler.generator.LoadedGenerator;

/** Measures a generator at pinned weights. Confined to one thread at a time. */
public interface Evaluator extends AutoCloseable {

  /** How much is measured. */
  enum Depth {
    /** What fits beside a running loop. */
    QUICK,
    /** What a report states. */
    FULL
  }

  /**
   * The metrics, by name; {@code a.b} is metric {@code b} of the group {@code a}.
   *
   * @param generator with the weights to be measured
   */
  Map<String, Double> evaluate(LoadedGenerator generator, Depth depth);

  /**
   * Which reward is active; told before each measurement once another than the job's own was
   * activated. What is measured against the reward follows it; what is not, stays.
   *
   * @param activation its number
   * @param active its model, for the next measurement alone: later it may be closed
   */
  default void onReward(long activation, Supplier<RewardModel> active) {}

  /**
   * What a picture of a run shows.
   *
   * @param before with the pre-trained weights
   * @param after with the last ones
   */
  List<Panel> panels(LoadedGenerator before, LoadedGenerator after);

  @Override
  default void close() {}
}
