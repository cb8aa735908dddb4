// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.evaluation;

import com.typesafe.config.Config;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.favstream.reward.model.RewardModel;
import org.favstream.sampler.context.ContextSource;
import org.favstream.sampler.environment.RecordedStates;
import org.favstream.sampler.generator.LoadedGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Measures, at pinned weights, the active reward, a held-out gold reward that nobody is trained on
 * (Gao and others 2023, <i>Scaling laws for reward model overoptimization</i>), and how far the
 * generator has gone from its reference. Always with the same noise and contexts, so that two
 * readings differ by the weights alone, and by what critics have learned where they are the active
 * reward. Confined to one thread at a time.
 */
public final class GoldWatch implements AutoCloseable {
  /** The metric: the number of the activation whose reward was active. */
  public static final String ACTIVATION = "watch.activation";

  /** The metric: mean of the active reward over particles. */
  public static final String PROXY = "watch.proxy";

  /** The metric: mean of the gold reward over particles, or of the return over episodes. */
  public static final String GOLD = "watch.gold";

  /** The metric: standard deviation of what {@link #GOLD} is the mean of. */
  static final String GOLD_STD = "watch.goldStd";

  /**
   * The metric: {@link #GOLD} of the reading that the others are compared with, the best under the
   * activation, or the last before it. With {@link #BEST_PROXY} in the first reading under an
   * activation, and of a policy in each, since its critics judge anew what they learn.
   */
  static final String BEST_GOLD = "watch.bestGold";

  /** The metric: mean of what the active reward says now of the particles of that reading. */
  static final String BEST_PROXY = "watch.bestProxy";

  /**
   * The metric: root mean square way of a particle from where the reference puts its noise; of a
   * policy's action from the one that was taken in the state.
   */
  public static final String DISTANCE = "watch.referenceDistance";

  /**
   * How it is measured, and when it is time to worry; section {@code watch}.
   *
   * @param samples particles a measurement
   * @param episodes of a measurement, where gold is the return of episodes
   * @param patience how many measurements in a row must be worse than the best
   * @param fall by how much, in standard deviations of gold over particles, or over episodes
   * @param rollback whether the reward before is activated then
   */
  public record Settings(int samples, int episodes, int patience, double fall, boolean rollback) {
    public Settings {
      if (samples < 2 || episodes < 2 || patience < 1 || !(fall >= 0)) {
        throw new IllegalArgumentException(
            "watch: samples %d must be at least 2, episodes %d at least 2, patience %d at least 1, fall %s at least 0"
                .formatted(samples, episodes, patience, fall));
      }
    }

    /** Reads section {@code watch} of a job; empty where there is no gold reward. */
    public static Optional<Settings> of(Config job) {
      Config section = job.getConfig("watch");
      Settings settings =
          new Settings(
              section.getInt("samples"),
              section.getInt("episodes"),
              section.getInt("patience"),
              section.getDouble("fall"),
              section.getBoolean("rollback"));
      return section.getConfig("gold").isEmpty() ? Optional.empty() : Optional.of(settings);
    }
  }

  /** What nobody is trained on. */
  @FunctionalInterface
  public interface Gold extends AutoCloseable {

    /**
     * Measures a generator.
     *
     * @param generator with the weights to be measured
     * @param block its particles, always of the same noise and contexts
     * @return how good each of its particles is, or each of its episodes; at least one
     * @throws org.favstream.reward.model.RewardModelException where a reward gives nothing usable
     */
    double[] measure(LoadedGenerator generator, RewardModel.Block block);

    @Override
    default void close() {}

    /** A reward of the particles, which is taken over. */
    static Gold of(RewardModel reward) {
      return new Gold() {
        @Override
        public double[] measure(LoadedGenerator generator, RewardModel.Block block) {
          return Moments.rewards(reward, block);
        }

        @Override
        public void close() {
          reward.close();
        }
      };
    }
  }

  private final Gold gold;
  private final SameDraw draw;
  private final float[] reference;
  private final boolean ofPolicy;
  private long activation = -1;
  private @Nullable Reading last;
  private @Nullable Reading best;

  private record Reading(RewardModel.Block block, double gold) {}

  private GoldWatch(Gold gold, SameDraw draw, float[] reference, boolean ofPolicy) {
    this.gold = gold;
    this.draw = draw;
    this.reference = reference;
    this.ofPolicy = ofPolicy;
  }

  /**
   * A watch over a generator.
   *
   * @param gold taken over
   * @param samples particles a measurement, each in a context of its own
   * @param reference the generator with its pre-trained weights; only asked here
   * @param seed its own
   */
  public static GoldWatch of(
      Gold gold, ContextSource source, LoadedGenerator reference, int samples, long seed) {
    SameDraw draw = draw(source, samples, seed);
    return new GoldWatch(gold, draw, draw.by(reference).values(), false);
  }

  /**
   * A watch over a policy, whose reference is the action that was taken in each state.
   *
   * @param gold taken over
   * @param samples actions a measurement, each in a state of its own
   * @param seed its own
   */
  public static GoldWatch ofPolicy(Gold gold, RecordedStates states, int samples, long seed) {
    SameDraw draw = draw(states, samples, seed);
    return new GoldWatch(gold, draw, draw.references(), true);
  }

  private static SameDraw draw(ContextSource source, int samples, long seed) {
    return new SameDraw("watch", source, samples, seed);
  }

  /**
   * The metrics of section {@code watch}.
   *
   * @param generator with the weights to be measured
   * @param active the reward that is active
   * @param number of its activation
   * @throws org.favstream.reward.model.RewardModelException where a reward gives nothing usable
   */
  public Map<String, Double> measure(LoadedGenerator generator, RewardModel active, long number) {
    RewardModel.Block block = draw.by(generator);
    Moments golden = Moments.of(gold.measure(generator, block));
    Reading now = new Reading(block, golden.mean());
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put(ACTIVATION, (double) number);
    metrics.put(PROXY, mean(active, block));
    metrics.put(GOLD, now.gold());
    metrics.put(GOLD_STD, golden.std());
    metrics.put(DISTANCE, distance(block));
    boolean swapped = number != activation;
    Reading top = swapped ? last : best;
    if (top != null && (swapped || ofPolicy)) {
      metrics.put(BEST_GOLD, top.gold());
      metrics.put(BEST_PROXY, mean(active, top.block()));
    }
    activation = number;
    last = now;
    best = top == null || now.gold() > top.gold() ? now : top;
    return metrics;
  }

  private static double mean(RewardModel reward, RewardModel.Block block) {
    return Moments.of(Moments.rewards(reward, block)).mean();
  }

  /** Root mean square way of a particle from its reference. */
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
