// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.evaluation;

import com.typesafe.config.Config;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.favstream.reward.model.RewardModel;
import org.favstream.sampler.context.ContextSource;
import org.favstream.sampler.generator.LoadedGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Measures, at pinned weights, the active reward, a held-out gold reward that nobody is trained on
 * (Gao and others 2023, <i>Scaling laws for reward model overoptimization</i>), and how far the
 * generator has gone from its reference. Always with the same noise and contexts, so that two
 * readings differ by the weights alone. Confined to one thread at a time.
 */
public final class GoldWatch implements AutoCloseable {
  /** The metric: the number of the activation whose reward was active. */
  public static final String ACTIVATION = "watch.activation";

  /** The metric: mean of the active reward over particles. */
  public static final String PROXY = "watch.proxy";

  /** The metric: mean of the gold reward over particles. */
  public static final String GOLD = "watch.gold";

  /** The metric: standard deviation of the gold reward over particles. */
  static final String GOLD_STD = "watch.goldStd";

  /**
   * The metric, of the first reading under an activation alone: what its reward says of the
   * particles of the reading before it, so that a fall that begins at once has a beginning.
   */
  static final String PROXY_BEFORE = "watch.proxyBefore";

  /** The metric: root mean square way of a particle from where the reference puts it. */
  public static final String DISTANCE = "watch.referenceDistance";

  /**
   * How it is measured, and when it is time to worry; section {@code watch}.
   *
   * @param samples particles a measurement
   * @param patience how many measurements in a row must be worse than the best
   * @param fall by how much, in standard deviations of the gold reward over particles
   * @param rollback whether the reward before is activated then
   */
  public record Settings(int samples, int patience, double fall, boolean rollback) {
    public Settings {
      if (samples < 2 || patience < 1 || !(fall >= 0)) {
        throw new IllegalArgumentException(
            "watch: samples %d must be at least 2, patience %d at least 1, fall %s at least 0"
                .formatted(samples, patience, fall));
      }
    }

    /** Reads section {@code watch} of a job; empty where there is no gold reward. */
    public static Optional<Settings> of(Config job) {
      Config section = job.getConfig("watch");
      Settings settings =
          new Settings(
              section.getInt("samples"),
              section.getInt("patience"),
              section.getDouble("fall"),
              section.getBoolean("rollback"));
      return section.getConfig("gold").isEmpty() ? Optional.empty() : Optional.of(settings);
    }
  }

  private final RewardModel gold;
  private final SameDraw draw;
  private final float[] reference;
  private long lastActivation = -1;
  private RewardModel.@Nullable Block lastParticles;

  /**
   * A watch over a generator, which takes over the gold reward.
   *
   * @param samples particles a measurement, each in a context of its own
   * @param reference the generator with its pre-trained weights; only asked here
   * @param seed its own
   */
  public GoldWatch(
      RewardModel gold, ContextSource source, LoadedGenerator reference, int samples, long seed) {
    this.gold = gold;
    this.draw = new SameDraw("watch", source, samples, seed);
    this.reference = draw.by(reference).values();
  }

  /**
   * The metrics of section {@code watch}.
   *
   * @param generator with the weights to be measured
   * @param active the reward that is active
   * @param activation its number
   * @throws org.favstream.reward.model.RewardModelException where a reward gives nothing usable
   */
  public Map<String, Double> measure(
      LoadedGenerator generator, RewardModel active, long activation) {
    RewardModel.Block block = draw.by(generator);
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put(ACTIVATION, (double) activation);
    metrics.put(PROXY, mean(active, block));
    RewardModel.Block before = lastParticles;
    if (before != null && activation != lastActivation) {
      metrics.put(PROXY_BEFORE, mean(active, before));
    }
    float[] golden = gold.evaluate(block).requireUsable(block).values();
    metrics.put(GOLD, mean(golden));
    metrics.put(GOLD_STD, standardDeviation(golden));
    metrics.put(DISTANCE, distance(block));
    lastActivation = activation;
    lastParticles = block;
    return metrics;
  }

  private static double mean(RewardModel reward, RewardModel.Block block) {
    return mean(reward.evaluate(block).requireUsable(block).values());
  }

  private static double mean(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  private static double standardDeviation(float[] values) {
    double mean = mean(values);
    double sum = 0;
    for (float value : values) {
      sum += (value - mean) * (value - mean);
    }
    return Math.sqrt(sum / values.length);
  }

  /** Root mean square way of a particle from where the reference puts the same noise. */
  private double distance(RewardModel.Block block) {
    double sum = 0;
    for (int i = 0; i < reference.length; i++) {
      double way = block.values()[i] - reference[i];
      sum += way * way;
    }
    return Math.sqrt(sum / block.rows());
  }

  @Override
  public void close() {
    gold.close();
  }
}
