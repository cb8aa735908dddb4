// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.backtest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * How a candidate's rewards differ from the active ones on the same particles. A figure that cannot
 * be had is NaN. All but the first three are of the particles that the candidate gave finite
 * numbers for.
 *
 * @param particles that were compared, or would have been
 * @param groups that they came in
 * @param nonFinite the share of particles whose candidate reward or gradient is not finite, in [0,
 *     1]
 * @param rank Spearman's rank correlation of the two rewards over all particles, in [-1, 1]
 * @param rankWithin the mean of the rank correlations within each context of each group; contexts
 *     in which all rewards of a side are equal are left out
 * @param meanShift (mean of the candidate - mean of the active) / standard deviation of the active
 * @param stdRatio standard deviation of the candidate / standard deviation of the active
 * @param gradCosine the mean cosine of the angle between a particle's two gradients, in [-1, 1]: 0
 *     where one of them is 0, left out where both are
 * @param gradCosineQ05 the 5 % quantile of those cosines, linear between the two nearest
 * @param histogram of both rewards
 */
public record BacktestResult(
    int particles,
    int groups,
    double nonFinite,
    double rank,
    double rankWithin,
    double meanShift,
    double stdRatio,
    double gradCosine,
    double gradCosineQ05,
    Histogram histogram) {

  /**
   * How often rewards are in which bin. A bin holds its lower edge; the last one both.
   *
   * @param edges of the bins, one more than there are; empty where there is nothing to count
   * @param active counts of the active rewards
   * @param candidate counts of the candidate's
   */
  public record Histogram(List<Double> edges, List<Integer> active, List<Integer> candidate) {
    public Histogram {
      edges = List.copyOf(edges);
      active = List.copyOf(active);
      candidate = List.copyOf(candidate);
    }
  }

  /** As a JSON object, always with all fields, in this order; a figure that is NaN is null. */
  public ObjectNode toJson() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("particles", particles).put("groups", groups);
    put(node, "nonFinite", nonFinite);
    put(node, "rank", rank);
    put(node, "rankWithin", rankWithin);
    put(node, "meanShift", meanShift);
    put(node, "stdRatio", stdRatio);
    put(node, "gradCosine", gradCosine);
    put(node, "gradCosineQ05", gradCosineQ05);
    ObjectNode bins = node.putObject("histogram");
    ArrayNode edges = bins.putArray("edges");
    histogram.edges().forEach(edges::add);
    ArrayNode active = bins.putArray("active");
    histogram.active().forEach(active::add);
    ArrayNode candidate = bins.putArray("candidate");
    histogram.candidate().forEach(candidate::add);
    return node;
  }

  private static void put(ObjectNode node, String field, double value) {
    if (Double.isFinite(value)) {
      node.put(field, value);
    } else {
      node.putNull(field);
    }
  }
}
