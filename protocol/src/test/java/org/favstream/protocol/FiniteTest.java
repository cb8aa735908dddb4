// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FiniteTest {

  /** Lengths around a multiple of what the loop takes at once. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 8, 9, 16, 31})
  void shouldFindWhatIsNotFiniteWhereverItStands(int length) {
    float[] numbers = new float[length];
    Arrays.fill(numbers, -Float.MAX_VALUE);
    assertThat(Finite.all(numbers)).isTrue();
    for (int i = 0; i < length; i++) {
      for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
        numbers[i] = bad;
        assertThat(Finite.all(numbers)).describedAs("%s at %d", bad, i).isFalse();
      }
      numbers[i] = 0;
    }
  }
}
