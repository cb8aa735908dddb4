// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.evaluation;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.favstream.reward.model.RewardModel;
import org.favstream.sampler.context.ContextSource;
import org.favstream.sampler.generator.LoadedGenerator;

/**
 * How a job's own reward likes what a generator makes, or the reward that is active in its place:
 * for jobs of which no better measure is known. It sees nothing of what the reward does not, such
 * as samples that are all alike.
 *
 * <p>Metrics: {@code rewardMean} and {@code rewardStd} over particles, always of the same noise and
 * contexts.
 */
public final class RewardEvaluator implements Evaluator {
  private final RewardModel own;
  private final SameDraw draw;
  private RewardModel reward;

  /**
   * An evaluator.
   *
   * @param own the job's; closed with the evaluator
   * @param samples particles a measurement, each in a context of its own
   * @param seed its own
   */
  public RewardEvaluator(RewardModel own, ContextSource source, int samples, long seed) {
    this.own = own;
    this.reward = own;
    this.draw = new SameDraw("evaluation", source, samples, seed);
  }

  @Override
  public void onReward(long activation, Supplier<RewardModel> active) {
    reward = active.get();
  }

  private double[] rewards(LoadedGenerator generator) {
    return Moments.rewards(reward, draw.by(generator));
  }

  @Override
  public Map<String, Double> evaluate(LoadedGenerator generator, Depth depth) {
    Moments rewards = Moments.of(rewards(generator));
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("rewardMean", rewards.mean());
    metrics.put("rewardStd", rewards.std());
    return metrics;
  }

  @Override
  public List<Panel> panels(LoadedGenerator before, LoadedGenerator after) {
    return List.of(
        new Panel(
            "rewards, sorted",
            "particles",
            "reward",
            List.of(
                Panel.Series.sorted("before", rewards(before)),
                Panel.Series.sorted("after", rewards(after)))));
  }

  @Override
  public void close() {
    own.close();
  }
}
