// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.backtest;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.favstream.reward.model.RewardModel.Block;
import org.favstream.reward.model.RewardModel.Rewards;

/**
 * Compares a candidate's rewards with the active ones, block by block. The same blocks in the same
 * order give the same figures to the bit. Confined to one thread at a time.
 *
 * <p>It keeps 12 bytes a particle and 4 a context; a result takes 16 more a particle while it is
 * made. The {@link #MAX_PARTICLES} that it takes at most are so some 32 MiB.
 */
public final class Backtest {
  /** How many particles a backtest takes. */
  public static final int MAX_PARTICLES = 1 << 20;

  private static final int BINS = 20;
  private static final double LOW_QUANTILE = 0.05;

  private int particles;
  private int groups;

  /** Of particles that the candidate gave finite numbers for; so many. */
  private int kept;

  private float[] active = new float[0];
  private float[] candidate = new float[0];

  /** Where each context ends among those that are kept. */
  private int[] contextEnds = new int[0];

  private int contexts;

  /** Of kept particles with a gradient on one side at least; so many. */
  private int angles;

  private float[] cosines = new float[0];

  /**
   * Takes a group.
   *
   * @param block the group
   * @param activeRewards finite, as all that are on the log
   * @param candidateRewards of the same block
   * @throws IllegalArgumentException where there are more or fewer rewards than particles, an
   *     active one is not finite, or there are too many particles in all; nothing is taken then
   */
  public void add(Block block, Rewards activeRewards, Rewards candidateRewards) {
    requireNone("the active reward", activeRewards.faultFor(block));
    requireNone("the candidate", candidateRewards.misfitTo(block));
    int rows = block.rows();
    if (rows > MAX_PARTICLES - particles) {
      throw new IllegalArgumentException(
          "a backtest takes %d particles at most: got %d and %d more: take fewer groups"
              .formatted(MAX_PARTICLES, particles, rows));
    }
    groups++;
    particles += rows;
    active = grown(active, kept + rows);
    candidate = grown(candidate, kept + rows);
    cosines = grown(cosines, angles + rows);
    contextEnds = grown(contextEnds, contexts + block.contexts());
    for (int context = 0; context < block.contexts(); context++) {
      int first = context * block.particles();
      for (int row = first; row < first + block.particles(); row++) {
        add(row, block.d(), activeRewards, candidateRewards);
      }
      contextEnds[contexts++] = kept;
    }
  }

  private static void requireNone(String whose, Optional<String> fault) {
    if (fault.isPresent()) {
      throw new IllegalArgumentException(
          "backtest: %s: %s: such a group cannot be compared".formatted(whose, fault.get()));
    }
  }

  private static float[] grown(float[] numbers, int needed) {
    return needed <= numbers.length
        ? numbers
        : Arrays.copyOf(numbers, Math.max(needed, Math.min(MAX_PARTICLES, 2 * numbers.length)));
  }

  private static int[] grown(int[] numbers, int needed) {
    return needed <= numbers.length
        ? numbers
        : Arrays.copyOf(numbers, Math.max(needed, Math.min(MAX_PARTICLES, 2 * numbers.length)));
  }

  private void add(int row, int d, Rewards activeRewards, Rewards candidateRewards) {
    double across = 0;
    double activeSquare = 0;
    double candidateSquare = 0;
    for (int j = row * d; j < (row + 1) * d; j++) {
      double ours = activeRewards.gradients()[j];
      double theirs = candidateRewards.gradients()[j];
      across += ours * theirs;
      activeSquare += ours * ours;
      candidateSquare += theirs * theirs;
    }
    float reward = candidateRewards.values()[row];
    if (!Float.isFinite(reward) || !Double.isFinite(candidateSquare)) {
      return;
    }
    active[kept] = activeRewards.values()[row];
    candidate[kept] = reward;
    kept++;
    if (activeSquare > 0 && candidateSquare > 0) {
      // One root of the product: it is exact where the two are equal, and so are 1 and -1.
      cosines[angles++] = (float) (across / Math.sqrt(activeSquare * candidateSquare));
    } else if (activeSquare > 0 || candidateSquare > 0) {
      cosines[angles++] = 0;
    }
  }

  /** The figures of all groups so far. */
  public BacktestResult result() {
    double activeMean = mean(active, kept);
    double activeStd = std(active, kept, activeMean);
    double scale = activeStd == 0 ? Double.NaN : activeStd; // nothing is to be measured by 0
    double candidateMean = mean(candidate, kept);
    return new BacktestResult(
        particles,
        groups,
        (particles - kept) / (double) particles,
        RankCorrelation.of(active, candidate, 0, kept),
        rankWithin(),
        (candidateMean - activeMean) / scale,
        std(candidate, kept, candidateMean) / scale,
        mean(cosines, angles),
        quantile(),
        histogram());
  }

  private double rankWithin() {
    double sum = 0;
    int ranked = 0;
    int from = 0;
    for (int context = 0; context < contexts; context++) {
      double rank = RankCorrelation.of(active, candidate, from, contextEnds[context]);
      from = contextEnds[context];
      if (!Double.isNaN(rank)) {
        sum += rank;
        ranked++;
      }
    }
    return sum / ranked;
  }

  private static double mean(float[] numbers, int count) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += numbers[i];
    }
    return sum / count;
  }

  private static double std(float[] numbers, int count, double mean) {
    double squares = 0;
    boolean differ = false;
    for (int i = 0; i < count; i++) {
      squares += (numbers[i] - mean) * (numbers[i] - mean);
      differ |= numbers[i] != numbers[0];
    }
    // Of equal numbers the mean may be off by a rounding, and that is no spread.
    return differ || count == 0 ? Math.sqrt(squares / count) : 0;
  }

  private double quantile() {
    float[] ascending = Arrays.copyOf(cosines, angles);
    Arrays.sort(ascending);
    if (angles == 0) {
      return Double.NaN;
    }
    double place = LOW_QUANTILE * (angles - 1);
    int below = (int) place;
    int above = Math.min(below + 1, angles - 1);
    return ascending[below] + (place - below) * ((double) ascending[above] - ascending[below]);
  }

  private BacktestResult.Histogram histogram() {
    if (kept == 0) {
      return new BacktestResult.Histogram(List.of(), List.of(), List.of());
    }
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < kept; i++) {
      low = Math.min(low, Math.min(active[i], candidate[i]));
      high = Math.max(high, Math.max(active[i], candidate[i]));
    }
    if (low == high) {
      low -= 0.5;
      high += 0.5;
    }
    double[] edges = new double[BINS + 1];
    for (int bin = 0; bin <= BINS; bin++) {
      edges[bin] = low + bin * ((high - low) / BINS);
    }
    edges[BINS] = high;
    return new BacktestResult.Histogram(
        Arrays.stream(edges).boxed().toList(), counts(active, edges), counts(candidate, edges));
  }

  private List<Integer> counts(float[] rewards, double[] edges) {
    int[] counts = new int[BINS];
    for (int i = 0; i < kept; i++) {
      int found = Arrays.binarySearch(edges, rewards[i] + 0.0); // -0 would be below 0
      int bin = found >= 0 ? found : -found - 2;
      counts[Math.min(bin, BINS - 1)]++;
    }
    return Arrays.stream(counts).boxed().toList();
  }
}
