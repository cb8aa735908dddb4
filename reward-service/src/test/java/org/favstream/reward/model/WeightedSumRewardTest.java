// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.favstream.protocol.Noise;
import org.favstream.reward.model.WeightedSumReward.Term;
import org.favstream.sampler.noise.NoiseSource;
import org.junit.jupiter.api.Test;

class WeightedSumRewardTest {
  private static final Noise DRAW = new Noise(8, 1);
  private static final RewardModel.Block BLOCK =
      new RewardModel.Block(2, 4, 3, NoiseSource.normals(DRAW, 24), new float[0], DRAW);

  private static final List<Term> TERMS =
      List.of(
          new Term("speed", 2, new Wave(1, 0)),
          new Term("safety", 0.5, new Wave(0.3, 1)),
          new Term("effort", -1, new Wave(0.8, 2)));

  private static RewardModel.Rewards scored(List<Term> terms) {
    try (RewardModel sum = new WeightedSumReward(terms)) {
      return sum.evaluate(BLOCK);
    }
  }

  @Test
  void shouldBeTheSumOfItsTermsInRewardAndGradient() {
    RewardModel.Rewards got = scored(TERMS);
    List<RewardModel.Rewards> each =
        TERMS.stream().map(term -> term.model().evaluate(BLOCK)).toList();
    for (int i = 0; i < 8; i++) {
      assertThat(got.values()[i])
          .isCloseTo(
              2 * each.get(0).values()[i]
                  + 0.5f * each.get(1).values()[i]
                  - each.get(2).values()[i],
              within(1e-6f));
    }
    for (int j = 0; j < 24; j++) {
      assertThat(got.gradients()[j])
          .isCloseTo(
              2 * each.get(0).gradients()[j]
                  + 0.5f * each.get(1).gradients()[j]
                  - each.get(2).gradients()[j],
              within(1e-6f));
    }
  }

  @Test
  void shouldBeTheTermWhenThereIsOneOfWeightOne() {
    RewardModel.Rewards alone = new Wave(0.6, 0.2).evaluate(BLOCK);
    RewardModel.Rewards got = scored(List.of(new Term("only", 1, new Wave(0.6, 0.2))));
    assertThat(got.values()).containsExactly(alone.values());
    assertThat(got.gradients()).containsExactly(alone.gradients());
  }

  @Test
  void shouldNotDependOnTheOrderOfItsTerms() {
    List<Term> reversed = new ArrayList<>(TERMS);
    Collections.reverse(reversed);
    assertThat(scored(reversed).values()).containsExactly(scored(TERMS).values(), within(1e-6f));
    assertThat(scored(reversed).gradients())
        .containsExactly(scored(TERMS).gradients(), within(1e-6f));
  }

  @Test
  void shouldNameTheTermThatDoesWrong() {
    assertFault(Broken.notFinite(Float.NaN), "the reward of particle 1 is NaN");
    assertFault(Broken.notFiniteSlope(), "the gradient of particle 1 is NaN");
    assertFault(Broken.failing(new IllegalStateException("lost")), "lost");
  }

  private static void assertFault(RewardModel broken, String fault) {
    assertThatThrownBy(
            () ->
                scored(
                    List.of(new Term("speed", 1, new Wave(1, 0)), new Term("safety", 0, broken))))
        .isInstanceOf(RewardModelException.class)
        .hasMessage("term safety: " + fault);
  }

  @Test
  void shouldCloseItsTerms() {
    Wave one = new Wave(1, 0);
    Wave other = new Wave(1, 1);
    new WeightedSumReward(List.of(new Term("a", 1, one), new Term("b", 1, other))).close();
    assertThat(one.isClosed()).isTrue();
    assertThat(other.isClosed()).isTrue();
  }

  @Test
  void shouldRefuseTermsThatCannotBeToldApartOrWeighed() {
    Wave wave = new Wave(1, 0);
    assertThatThrownBy(
            () -> new WeightedSumReward(List.of(new Term("a", 1, wave), new Term("a", 2, wave))))
        .hasMessageContaining("term a: got it twice");
    assertThatThrownBy(() -> new Term("a", Double.NaN, wave))
        .hasMessageContaining("term 'a' with weight NaN");
    assertThatThrownBy(() -> new Term(" ", 1, wave)).hasMessageContaining("expected a name");
    assertThatThrownBy(() -> new WeightedSumReward(List.of())).hasMessageContaining("got none");
  }
}
