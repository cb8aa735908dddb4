// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.backtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.favstream.reward.backtest.Cases.affine;
import static org.favstream.reward.backtest.Cases.block;
import static org.favstream.reward.backtest.Cases.compared;
import static org.favstream.reward.backtest.Cases.drawn;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.favstream.reward.model.RewardModel.Block;
import org.favstream.reward.model.RewardModel.Rewards;
import org.junit.jupiter.api.Test;

class BacktestTest {
  private static final Block BLOCK = block(5, 40, 3);
  private static final Rewards ACTIVE = drawn(1, BLOCK);

  @Test
  void shouldAgreeExactlyWhenTheCandidateIsTheActiveOne() {
    BacktestResult result = compared(BLOCK, ACTIVE, ACTIVE);
    assertThat(result.particles()).isEqualTo(200);
    assertThat(result.groups()).isEqualTo(1);
    assertThat(result.nonFinite()).isZero();
    assertThat(result.rank()).isEqualTo(1);
    assertThat(result.rankWithin()).isEqualTo(1);
    assertThat(result.meanShift()).isZero();
    assertThat(result.stdRatio()).isEqualTo(1);
    assertThat(result.gradCosine()).isEqualTo(1);
    assertThat(result.gradCosineQ05()).isEqualTo(1);
    assertThat(result.histogram().candidate()).isEqualTo(result.histogram().active());
  }

  @Test
  void shouldDisagreeExactlyWhenTheSignIsTurned() {
    BacktestResult result = compared(BLOCK, ACTIVE, affine(ACTIVE, -1, 0));
    assertThat(result.rank()).isEqualTo(-1);
    assertThat(result.rankWithin()).isEqualTo(-1);
    assertThat(result.gradCosine()).isEqualTo(-1);
    assertThat(result.gradCosineQ05()).isEqualTo(-1);
    assertThat(result.stdRatio()).isEqualTo(1);
  }

  @Test
  void shouldSeeShiftAndScaleInTheirFiguresAlone() {
    BacktestResult result = compared(BLOCK, ACTIVE, affine(ACTIVE, 4, 0));
    BacktestResult shifted = compared(BLOCK, affine(ACTIVE, 2, 0), affine(ACTIVE, 2, 2));
    assertThat(result.rank()).isEqualTo(1);
    assertThat(result.gradCosine()).isEqualTo(1);
    assertThat(result.stdRatio()).isCloseTo(4, within(1e-6));
    assertThat(shifted.stdRatio()).isCloseTo(1, within(1e-6));
    double std = std(affine(ACTIVE, 2, 0).values());
    assertThat(shifted.meanShift()).isCloseTo(2 / std, within(1e-6));
  }

  private static double std(float[] values) {
    double mean = IntStream.range(0, values.length).mapToDouble(i -> values[i]).average().orElse(0);
    return Math.sqrt(
        IntStream.range(0, values.length)
            .mapToDouble(i -> (values[i] - mean) * (values[i] - mean))
            .average()
            .orElse(0));
  }

  /** Ranks 1, 2.5, 2.5, 4 against 1.5, 1.5, 3, 4: 3.75 / √(4.5 · 4.5). */
  @Test
  void shouldGiveTiesTheirMeanRank() {
    assertThat(compared(new float[] {1, 2, 2, 3}, new float[] {5, 5, 6, 7}).rank())
        .isCloseTo(3.75 / 4.5, within(1e-15));
    assertThat(compared(new float[] {-0f, 0f, 1}, new float[] {2, 2, 3}).rank()).isEqualTo(1);
  }

  @Test
  void shouldRankNegativeNumbersBelowPositiveOnes() {
    float[] ascending = {-Float.MAX_VALUE, -3e38f, -1, -1e-40f, 0, 1e-40f, 1, 3e38f};
    float[] places = {0, 1, 2, 3, 4, 5, 6, 7};
    assertThat(compared(ascending, places).rank()).isEqualTo(1);
  }

  @Test
  void shouldHaveNoRankWhenAllAreEqual() {
    BacktestResult flat = compared(new float[] {1, 2, 3}, new float[] {0.1f, 0.1f, 0.1f});
    assertThat(flat.rank()).isNaN();
    assertThat(flat.rankWithin()).isNaN();
    assertThat(flat.stdRatio()).isZero();
    assertThat(flat.meanShift()).isFinite();
    BacktestResult ofFlat = compared(new float[] {0.1f, 0.1f, 0.1f}, new float[] {1, 2, 3});
    assertThat(ofFlat.stdRatio()).isNaN();
    assertThat(ofFlat.meanShift()).isNaN();
  }

  /** Contexts of rising means: over all, the ranks agree, within each they are turned round. */
  @Test
  void shouldRankWithinEachContextAloneAndLeaveOutThoseWithoutRanks() {
    Block block = block(3, 3, 1);
    float[] active = {1, 2, 3, 11, 12, 13, 7, 7, 7};
    float[] candidate = {3, 2, 1, 13, 12, 11, 1, 2, 3};
    BacktestResult result =
        compared(block, new Rewards(active, new float[9]), new Rewards(candidate, new float[9]));
    assertThat(result.rankWithin()).isEqualTo(-1);
    assertThat(result.rank()).isGreaterThan(0.3);
  }

  @Test
  void shouldNotDependOnTheOrderOfParticlesInAContext() {
    Rewards candidate = drawn(2, BLOCK);
    BacktestResult expected = compared(BLOCK, ACTIVE, candidate);
    for (int seed = 0; seed < 5; seed++) {
      List<Integer> order = new ArrayList<>(IntStream.range(0, 200).boxed().toList());
      for (int context = 0; context < 5; context++) {
        Collections.shuffle(order.subList(40 * context, 40 * context + 40), new Random(seed));
      }
      BacktestResult got = compared(BLOCK, taken(ACTIVE, order), taken(candidate, order));
      assertThat(got.rank()).describedAs("seed %d", seed).isEqualTo(expected.rank());
      assertThat(got.rankWithin()).isEqualTo(expected.rankWithin());
      assertThat(got.gradCosineQ05()).isEqualTo(expected.gradCosineQ05());
      assertThat(got.histogram()).isEqualTo(expected.histogram());
      assertThat(got.meanShift()).isCloseTo(expected.meanShift(), within(1e-12));
      assertThat(got.stdRatio()).isCloseTo(expected.stdRatio(), within(1e-12));
      assertThat(got.gradCosine()).isCloseTo(expected.gradCosine(), within(1e-12));
    }
  }

  private static Rewards taken(Rewards rewards, List<Integer> order) {
    float[] values = new float[order.size()];
    float[] gradients = new float[3 * order.size()];
    for (int i = 0; i < order.size(); i++) {
      values[i] = rewards.values()[order.get(i)];
      System.arraycopy(rewards.gradients(), 3 * order.get(i), gradients, 3 * i, 3);
    }
    return new Rewards(values, gradients);
  }

  /** A context is a context, in whichever group it comes. */
  @Test
  void shouldGiveTheSameBitsWhenTheContextsComeInSeveralGroups() {
    Rewards candidate = drawn(2, BLOCK);
    BacktestResult whole = compared(BLOCK, ACTIVE, candidate);
    Backtest backtest = new Backtest();
    for (int context = 0; context < 5; context++) {
      List<Integer> rows = IntStream.range(40 * context, 40 * context + 40).boxed().toList();
      backtest.add(block(1, 40, 3), taken(ACTIVE, rows), taken(candidate, rows));
      assertThat(backtest.result().particles()).isEqualTo(40 * (context + 1));
    }
    BacktestResult parts = backtest.result();
    assertThat(parts.groups()).isEqualTo(5);
    assertThat(parts).usingRecursiveComparison().ignoringFields("groups").isEqualTo(whole);
    assertThat(backtest.result()).isEqualTo(parts);
  }

  @Test
  void shouldLeaveOutWhatIsNotFiniteAndSayHowMuchThatIs() {
    Block block = block(2, 4, 1);
    float[] slopes = {1, 1, 1, 1, 1, 1, 1, 1};
    float[] broken = slopes.clone();
    broken[6] = Float.NaN;
    BacktestResult result =
        compared(
            block,
            new Rewards(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, slopes),
            new Rewards(
                new float[] {1, 2, Float.NaN, 4, 5, Float.NEGATIVE_INFINITY, -99, 8}, broken));
    assertThat(result.nonFinite()).isEqualTo(3 / 8.0);
    assertThat(result.particles()).isEqualTo(8);
    assertThat(result.rank()).isEqualTo(1); // -99 belongs to the particle with the broken gradient
    assertThat(result.rankWithin()).isEqualTo(1);
    assertThat(result.stdRatio()).isEqualTo(1);
    assertThat(result.gradCosine()).isEqualTo(1);
    assertThat(result.histogram().active().stream().mapToInt(Integer::intValue).sum()).isEqualTo(5);
  }

  @Test
  void shouldHaveNoFiguresWhenNothingIsLeftOrNothingCame() {
    float[] nothing = {Float.NaN, Float.NaN};
    BacktestResult lost = compared(new float[] {1, 2}, nothing);
    assertThat(lost.nonFinite()).isEqualTo(1);
    for (BacktestResult result : List.of(lost, new Backtest().result())) {
      assertThat(
              new double[] {
                result.rank(),
                result.rankWithin(),
                result.meanShift(),
                result.stdRatio(),
                result.gradCosine(),
                result.gradCosineQ05()
              })
          .containsOnly(Double.NaN);
      assertThat(result.histogram().edges()).isEmpty();
    }
    assertThat(new Backtest().result().nonFinite()).isNaN();
  }

  /** A candidate that does not pull where the active one does is no half agreement. */
  @Test
  void shouldCountAGradientThatIsGoneAsNoAgreement() {
    Block block = block(1, 4, 2);
    float[] rewards = {1, 2, 3, 4};
    Rewards active = new Rewards(rewards, new float[] {3, 4, 1, 0, 0, 0, 0, 0});
    Rewards candidate = new Rewards(rewards, new float[] {4, 3, 0, 0, 0, 2, 0, 0});
    BacktestResult result = compared(block, active, candidate);
    assertThat(result.gradCosine()).isCloseTo(0.96 / 3, within(1e-7)); // .96, 0, 0, and none
    assertThat(result.gradCosineQ05()).isZero();
  }

  @Test
  void shouldCountBothSidesInCommonBins() {
    BacktestResult.Histogram histogram =
        compared(new float[] {0, 1, 20}, new float[] {10, 10, 19.5f}).histogram();
    assertThat(histogram.edges()).hasSize(21).startsWith(0.0, 1.0, 2.0).endsWith(20.0);
    assertThat(histogram.active().get(0)).isEqualTo(1);
    assertThat(histogram.active().get(1)).isEqualTo(1); // an edge is its upper bin's
    assertThat(histogram.active().get(19)).isEqualTo(1); // but the last
    assertThat(histogram.candidate().get(10)).isEqualTo(2);
    assertThat(histogram.candidate().get(19)).isEqualTo(1);
    BacktestResult.Histogram zeros =
        compared(new float[] {-1, -0f, 1}, new float[] {-0f, 0, 0}).histogram();
    assertThat(zeros.active().get(10)).isEqualTo(1);
    assertThat(zeros.candidate().get(10)).isEqualTo(3);
    BacktestResult.Histogram one = compared(new float[] {3, 3}, new float[] {3, 3}).histogram();
    assertThat(one.edges()).startsWith(2.5).endsWith(3.5);
    assertThat(one.active().get(10)).isEqualTo(2);
  }

  @Test
  void shouldRefuseWhatCannotBeCompared() {
    Backtest backtest = new Backtest();
    Rewards few = new Rewards(new float[1], new float[3]);
    assertThatThrownBy(() -> backtest.add(BLOCK, few, ACTIVE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the active reward: it gave 1 rewards and 3 gradient numbers")
        .hasMessageContaining("expected 200 and 600");
    assertThatThrownBy(() -> backtest.add(BLOCK, ACTIVE, few))
        .hasMessageContaining("the candidate: it gave 1 rewards");
    Rewards broken = affine(ACTIVE, Float.NaN, 0);
    assertThatThrownBy(() -> backtest.add(BLOCK, broken, ACTIVE))
        .hasMessageContaining("the active reward: the reward of particle 0 is NaN");
    assertThat(backtest.result().groups()).isZero();
  }

  @Test
  void shouldHoldABoundOfParticles() {
    Block block = block(2, Backtest.MAX_PARTICLES / 2, 1);
    Rewards rewards = drawn(3, block);
    Backtest backtest = new Backtest();
    backtest.add(block, rewards, rewards);
    assertThat(backtest.result().rank()).isEqualTo(1); // no sum overflows
    assertThatThrownBy(() -> backtest.add(BLOCK, ACTIVE, ACTIVE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("takes 1048576 particles at most: got 1048576 and 200 more");
  }

  @Test
  void shouldWriteItsFieldsInOneOrderAndNullForWhatIsNot() throws JsonProcessingException {
    BacktestResult result = compared(new float[] {1, 2}, new float[] {3, 3});
    String json = result.toJson().toString();
    assertThat(json)
        .startsWith(
            "{\"particles\":2,\"groups\":1,\"nonFinite\":0.0,\"rank\":null,\"rankWithin\":null,"
                + "\"meanShift\":3.0,\"stdRatio\":0.0,\"gradCosine\":1.0,\"gradCosineQ05\":1.0,"
                + "\"histogram\":{\"edges\":[1.0,")
        .contains("],\"active\":[1,0,", "],\"candidate\":[0,0,");
    assertThat(new ObjectMapper().readTree(json).at("/histogram/candidate")).hasSize(20);
  }
}
