// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.context;

import static org.assertj.core.api.Assertions.assertThat;

import org.favstream.protocol.Noise;
import org.junit.jupiter.api.Test;

class ContextRowsTest {

  @Test
  void shouldRepeatEachRowInItsPlace() {
    assertThat(ContextRows.repeat(new float[] {1, 2, 3, 4}, 2, 3))
        .containsExactly(1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4);
    assertThat(ContextRows.repeat(new float[] {1, 2, 3}, 1, 2)).containsExactly(1, 1, 2, 2, 3, 3);
    assertThat(ContextRows.repeat(new float[] {1, 2, 3}, 3, 1)).containsExactly(1, 2, 3);
  }

  @Test
  void shouldGiveNothingWhenThereAreNoNumbers() {
    assertThat(ContextRows.repeat(new float[0], 0, 5)).isEmpty();
  }

  @Test
  void shouldHaveNoNumbersWhenTheJobIsUnconditional() {
    ContextSource none = ContextSource.none();
    assertThat(none.contextSize()).isZero();
    assertThat(none.references()).isZero();
    assertThat(none.draw(new Noise(1, 2), 3).values()).isEmpty();
    assertThat(none.draw(new Noise(1, 2), 3).references()).isEmpty();
  }
}
