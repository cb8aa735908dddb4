// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A reward of several named terms, {@code r = Σ w_i r_i}, with the gradient {@code Σ w_i g_i}. */
public final class WeightedSumReward implements RewardModel {

  /**
   * A term of the sum.
   *
   * @param name what faults call it
   * @param weight a finite number; below 0 for what is to be avoided
   * @param model its reward
   */
  public record Term(String name, double weight, RewardModel model) {
    public Term {
      if (name.isBlank() || !Double.isFinite(weight)) {
        throw new IllegalArgumentException(
            "term '%s' with weight %s: expected a name and a finite number"
                .formatted(name, weight));
      }
    }
  }

  private final NamedModels models;
  private final double[] weights;

  /**
   * Takes over the terms' models, and closes them in the end.
   *
   * @param terms at least one, of different names
   */
  public WeightedSumReward(List<Term> terms) {
    Set<String> names = new HashSet<>();
    for (Term term : terms) {
      if (!names.add(term.name())) {
        throw new IllegalArgumentException(
            "term %s: got it twice, expected different names".formatted(term.name()));
      }
    }
    this.models =
        new NamedModels(
            terms.stream().map(term -> Map.entry("term " + term.name(), term.model())).toList());
    this.weights = terms.stream().mapToDouble(Term::weight).toArray();
  }

  /**
   * {@inheritDoc}
   *
   * @throws RewardModelException where a term fails or gives a number that is not finite, naming it
   */
  @Override
  public Rewards evaluate(Block block) {
    List<Rewards> all = models.evaluate(block);
    return new Rewards(
        sum(all.stream().map(Rewards::values).toList(), block.rows()),
        sum(all.stream().map(Rewards::gradients).toList(), block.rows() * block.d()));
  }

  private float[] sum(List<float[]> terms, int numbers) {
    float[] sums = new float[numbers];
    for (int j = 0; j < numbers; j++) {
      double sum = 0;
      for (int i = 0; i < weights.length; i++) {
        sum += weights[i] * terms.get(i)[j];
      }
      sums[j] = (float) sum;
    }
    return sums;
  }

  @Override
  public void close() {
    models.close();
  }
}
