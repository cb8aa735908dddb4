// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.reaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ReactionSystemTest {
  @Test
  void shouldShareRatesWhenSystemsAreTwins() {
    int[][] twins = {{1, 3}, {2, 4}, {5, 7}, {6, 8}};
    for (int[] pair : twins) {
      assertThat(ReactionSystem.of(pair[0]).rates()).isEqualTo(ReactionSystem.of(pair[1]).rates());
    }
    assertThat(ReactionSystem.all().stream().map(s -> Arrays.toString(s.rates())).distinct())
        .hasSize(8);
  }

  @Test
  void shouldEndThePushAtTheThirdIntervalOfTheGrid() {
    assertThat(ReactionSystem.PUSH_END)
        .isCloseTo(Math.exp(3 * Math.log(81) / 19) - 1, within(1e-15));
  }

  @Test
  void shouldKeepItsRatesWhenACallerChangesTheirs() {
    ReactionSystem.of(12).rates()[0] = 7;
    assertThat(ReactionSystem.of(12).rates()[0]).isEqualTo(.31903024);
  }

  @Test
  void shouldRefuseWhenThereIsNoSuchSystem() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ReactionSystem.of(13))
        .withMessage("no reaction system 13: expected 1 to 12");
  }
}
