// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.favstream.protocol.Noise;
import org.favstream.sampler.noise.NoiseSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnsembleRewardTest {
  private static final Noise DRAW = new Noise(8, 0);

  private static RewardModel.Block block(float... values) {
    return new RewardModel.Block(1, values.length / 3, 3, values, new float[0], DRAW);
  }

  private static RewardModel.Block drawn(int particles) {
    return block(NoiseSource.normals(DRAW, 3 * particles));
  }

  private static List<RewardModel> waves(int count) {
    return IntStream.range(0, count)
        .<RewardModel>mapToObj(i -> new Wave(0.5 + 0.3 * i, 0.4 * i))
        .toList();
  }

  private static RewardModel.Rewards scored(
      List<RewardModel> members, String aggregate, RewardModel.Block block) {
    try (RewardModel ensemble = new EnsembleReward(members, Aggregate.parse(aggregate))) {
      return ensemble.evaluate(block);
    }
  }

  /** Rewards 1, 2 and 6: mean 3, standard deviation √(14/3). */
  @ParameterizedTest
  @CsvSource({"mean, 3", "min, 1", "lcb:0, 3", "lcb:1, 0.8397531", "lcb:1.5, -0.2403703"})
  void shouldTakeTheMembersRewardsTogether(String aggregate, float expected) {
    List<RewardModel> members = new ArrayList<>();
    for (float reward : new float[] {2, 1, 6}) {
      members.add(block -> new RewardModel.Rewards(new float[] {reward}, new float[3]));
    }
    assertThat(scored(members, aggregate, block(0, 0, 0)).values()[0])
        .isCloseTo(expected, within(1e-6f));
  }

  @ParameterizedTest
  @ValueSource(strings = {"mean", "min", "lcb:0.5", "lcb:2"})
  void shouldMeetFiniteDifferences(String aggregate) {
    RewardModel.Block block = drawn(50);
    float[] gradients = scored(waves(4), aggregate, block).gradients();
    float step = 1e-2f;
    for (int axis = 0; axis < 3; axis++) {
      float[] above = scored(waves(4), aggregate, moved(block, axis, step)).values();
      float[] below = scored(waves(4), aggregate, moved(block, axis, -step)).values();
      for (int row = 0; row < 50; row++) {
        double slope = ((double) above[row] - below[row]) / (2 * step);
        assertThat((double) gradients[3 * row + axis]).isCloseTo(slope, within(2e-3));
      }
    }
  }

  private static RewardModel.Block moved(RewardModel.Block block, int axis, float by) {
    float[] values = block.values().clone();
    for (int i = axis; i < values.length; i += 3) {
      values[i] += by;
    }
    return block(values);
  }

  @ParameterizedTest
  @ValueSource(strings = {"mean", "min", "lcb:1.5"})
  void shouldNotDependOnTheOrderOfItsMembers(String aggregate) {
    RewardModel.Rewards expected = scored(waves(5), aggregate, drawn(40));
    for (int seed = 0; seed < 5; seed++) {
      List<RewardModel> shuffled = new ArrayList<>(waves(5));
      Collections.shuffle(shuffled, new Random(seed));
      RewardModel.Rewards got = scored(shuffled, aggregate, drawn(40));
      assertThat(got.values())
          .describedAs("seed %d", seed)
          .containsExactly(expected.values(), within(1e-6f));
      assertThat(got.gradients()).containsExactly(expected.gradients(), within(1e-6f));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mean", "min", "lcb:0", "lcb:3"})
  void shouldBeItsMemberWhenThereIsOneOrAllAreTheSame(String aggregate) {
    RewardModel.Rewards alone = new Wave(0.7, 0.3).evaluate(drawn(20));
    for (int count : new int[] {1, 3}) {
      RewardModel.Rewards got =
          scored(Collections.nCopies(count, new Wave(0.7, 0.3)), aggregate, drawn(20));
      assertThat(got.values()).containsExactly(alone.values());
      assertThat(got.gradients()).containsExactly(alone.gradients());
    }
  }

  @Test
  void shouldBeTheMeanToTheBitWhenThereIsNoCaution() {
    RewardModel.Rewards mean = scored(waves(5), "mean", drawn(20));
    RewardModel.Rewards bound = scored(waves(5), "lcb:0", drawn(20));
    assertThat(bound.values()).containsExactly(mean.values());
    assertThat(bound.gradients()).containsExactly(mean.gradients());
  }

  @Test
  void shouldFallBelowTheMeanTheMoreTheMoreCautiousItIs() {
    float[] mean = scored(waves(5), "mean", drawn(20)).values();
    float[] some = scored(waves(5), "lcb:1", drawn(20)).values();
    float[] more = scored(waves(5), "lcb:2", drawn(20)).values();
    for (int row = 0; row < 20; row++) {
      assertThat(some[row]).isLessThan(mean[row]).isGreaterThan(more[row]);
    }
  }

  @Test
  void shouldNameTheMemberThatDoesWrong() {
    assertFault(Broken.notFinite(Float.NaN), "the reward of particle 1 is NaN");
    assertFault(Broken.notFinite(Float.NEGATIVE_INFINITY), "the reward of particle 1 is -Infinity");
    assertFault(Broken.notFiniteSlope(), "the gradient of particle 1 is NaN");
    assertFault(Broken.tooFew(), "it gave 1 rewards and 9 gradient numbers, expected 3 and 9");
    assertFault(Broken.failing(new IllegalStateException("no more memory")), "no more memory");
  }

  @Test
  void shouldBeAwayWhereAMemberIs() {
    RewardModel away = Broken.failing(new RewardUnavailableException("gone for lunch"));
    RewardModel inner = new EnsembleReward(List.of(away), Aggregate.parse("mean"));
    assertThatThrownBy(() -> scored(List.of(new Wave(1, 0), inner), "min", drawn(3)))
        .isInstanceOf(RewardUnavailableException.class)
        .hasMessage("ensemble member 2 of 2: ensemble member 1 of 1: gone for lunch");
  }

  private static void assertFault(RewardModel broken, String fault) {
    for (String aggregate : new String[] {"mean", "min", "lcb:1"}) {
      assertThatThrownBy(
              () -> scored(List.of(new Wave(1, 0), broken, new Wave(1, 1)), aggregate, drawn(3)))
          .isInstanceOf(RewardModelException.class)
          .hasMessage("ensemble member 2 of 3: " + fault);
    }
  }

  @Test
  void shouldCloseAllMembersWhenOneCannotBeClosed() {
    Wave first = new Wave(1, 0);
    Wave last = new Wave(1, 1);
    IllegalStateException fault = new IllegalStateException("stuck");
    RewardModel ensemble =
        new EnsembleReward(List.of(first, Broken.unclosable(fault), last), Aggregate.parse("mean"));
    assertThatThrownBy(ensemble::close).isSameAs(fault);
    assertThat(Arrays.asList(first.isClosed(), last.isClosed())).containsOnly(true);
  }

  @Test
  void shouldRefuseToBeOfNobody() {
    assertThatThrownBy(() -> new EnsembleReward(List.of(), Aggregate.parse("min")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("got none");
  }
}
