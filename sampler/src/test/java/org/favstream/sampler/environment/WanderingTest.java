// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WanderingTest {
  private static TransitionSet make(long seed, int episodes, int copies)
      throws EnvironmentException {
    return Wandering.make(() -> new PointMass(copies), seed, episodes, made -> {});
  }

  @Test
  void shouldMakeWholeEpisodesOneAfterTheOther() throws Exception {
    TransitionSet set = make(1, 5, 2);
    int ends = 0;
    for (int i = 0; i < set.size(); i++) {
      boolean end = set.terminated()[i] || set.truncated()[i];
      ends += end ? 1 : 0;
      if (!end) {
        assertThat(set.observations()[2 * (i + 1)]).isEqualTo(set.nextObservations()[2 * i]);
      }
      assertThat(set.actions()[i]).isBetween(-1f, 1f);
    }
    assertThat(ends).isEqualTo(5);
    assertThat(set.truncated()[set.size() - 1] || set.terminated()[set.size() - 1]).isTrue();
  }

  @Test
  void shouldMakeTheSameOfTheSameSeed() throws Exception {
    assertThat(make(3, 4, 2).actions()).isEqualTo(make(3, 4, 2).actions());
    assertThat(make(3, 4, 2).actions()).isNotEqualTo(make(4, 4, 2).actions());
  }

  @Test
  void shouldTellOfEveryEpisode() throws Exception {
    List<Integer> told = new ArrayList<>();
    TransitionSet unused = Wandering.make(() -> new PointMass(3), 1, 4, told::add);
    assertThat(told).containsExactly(1, 2, 3, 4);
  }

  @Test
  void shouldPassOnWhyAnEnvironmentFails() {
    EnvironmentSource gone =
        () -> {
          throw new EnvironmentException("nobody listens");
        };
    assertThatThrownBy(() -> Wandering.make(gone, 1, 1, made -> {}))
        .isInstanceOf(EnvironmentException.class)
        .hasMessage("nobody listens");
  }
}
