// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.arm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.favstream.sampler.environment.TransitionSet;
import org.junit.jupiter.api.Test;

class ArmDatasetTest {
  private static final ArmSystem MAUVE = ArmSystem.of("great-mauve-beetle");

  @Test
  void shouldHoldWholeEpisodesInOrder() {
    List<Integer> told = new ArrayList<>();
    TransitionSet set = ArmDataset.make(MAUVE, 1, 3, 2, told::add);
    assertThat(told).containsExactly(1, 2, 3);
    assertThat(set.environment()).isEqualTo("great-mauve-beetle");
    assertThat(set.size()).isEqualTo(600);
    int o = set.observationSize();
    for (int n = 0; n < set.size(); n++) {
      assertThat(set.truncated()[n]).isEqualTo(n % 200 == 199);
      assertThat(set.terminated()[n]).isFalse();
      if (!set.truncated()[n]) {
        assertThat(Arrays.copyOfRange(set.nextObservations(), n * o, (n + 1) * o))
            .isEqualTo(Arrays.copyOfRange(set.observations(), (n + 1) * o, (n + 2) * o));
      }
    }
    for (float action : set.actions()) {
      assertThat(action).isBetween(-1f, 1f);
    }
  }

  @Test
  void shouldMakeTheSameWhenTheSeedIsTheSame() {
    TransitionSet one = ArmDataset.make(MAUVE, 1, 2, 2, made -> {});
    TransitionSet longer = ArmDataset.make(MAUVE, 1, 3, 2, made -> {});
    TransitionSet other = ArmDataset.make(MAUVE, 2, 2, 2, made -> {});
    assertThat(Arrays.copyOf(longer.observations(), one.observations().length))
        .isEqualTo(one.observations());
    assertThat(Arrays.copyOf(longer.actions(), one.actions().length)).isEqualTo(one.actions());
    assertThat(other.observations()).isNotEqualTo(one.observations());
  }

  @Test
  void shouldBeOfMixedQualityBetweenTheBestAndNone() {
    int episodes = 60;
    TransitionSet set = ArmDataset.make(MAUVE, 1, episodes, 2, made -> {});
    double[] returns =
        IntStream.range(0, episodes)
            .mapToDouble(
                episode ->
                    IntStream.range(0, 200)
                        .mapToDouble(t -> set.rewards()[200 * episode + t])
                        .sum())
            .sorted()
            .toArray();
    // 200 steps half a metre off, and 5 cm off with the control that this takes.
    assertThat(returns[episodes / 10]).isLessThan(-200 * ArmEnvironment.errorCost(0.25));
    assertThat(returns[episodes - 1]).isGreaterThan(-200 * 0.1);
  }

  @Test
  void shouldRefuseToMakeNothing() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ArmDataset.make(MAUVE, 1, 0, 2, made -> {}))
        .withMessage("0 episodes, expected at least 1");
  }
}
