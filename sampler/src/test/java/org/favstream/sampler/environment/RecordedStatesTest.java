// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import org.favstream.protocol.Noise;
import org.favstream.sampler.context.ContextSource;
import org.junit.jupiter.api.Test;

class RecordedStatesTest {

  /** Step i was taken in state (i, -i), by action i / 10. */
  private static TransitionSet lived(int n) {
    float[] observations = new float[2 * n];
    float[] actions = new float[n];
    for (int i = 0; i < n; i++) {
      observations[2 * i] = i;
      observations[2 * i + 1] = -i;
      actions[i] = i / 10f;
    }
    return new TransitionSet(
        "line",
        2,
        1,
        observations,
        actions,
        new float[n],
        new float[2 * n],
        new boolean[n],
        new boolean[n]);
  }

  @Test
  void shouldDrawEachStateWithTheActionThatWasTakenInIt() {
    RecordedStates states = new RecordedStates(lived(10));
    ContextSource.Contexts drawn = states.draw(new Noise(7, 0), 500);
    assertThat(drawn.values()).hasSize(2 * 500);
    assertThat(drawn.references()).hasSize(states.references() * 500);
    for (int i = 0; i < 500; i++) {
      float state = drawn.values()[2 * i];
      assertThat(drawn.values()[2 * i + 1]).isEqualTo(-state);
      assertThat(drawn.references()[i]).isEqualTo(state / 10f);
    }
    assertThat(IntStream.range(0, 500).mapToObj(i -> drawn.values()[2 * i]).distinct())
        .describedAs("all of them")
        .hasSize(10);
  }

  @Test
  void shouldDrawTheSameAgain() {
    RecordedStates states = new RecordedStates(lived(10));
    float[] first = states.draw(new Noise(7, 0), 50).values();
    assertThat(states.draw(new Noise(7, 0), 50).values()).isEqualTo(first);
    assertThat(states.draw(new Noise(7, 1), 50).values()).isNotEqualTo(first);
  }

  @Test
  void shouldRefuseWhatHasNoState() {
    assertThatThrownBy(() -> new RecordedStates(lived(0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("line", "no transitions");
  }
}
