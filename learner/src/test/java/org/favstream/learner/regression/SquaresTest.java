// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.regression;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SquaresTest {

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 4, 5, 10})
  void shouldSumEveryNumberOnceWhateverTheLength(int length) {
    float[] x = new float[length];
    double squares = 0;
    for (int i = 0; i < length; i++) {
      x[i] = 1 << i; // sums of their squares are exact, and each number shows in them
      squares += (double) x[i] * x[i];
    }
    assertThat(Squares.sum(x)).isEqualTo(squares);
  }
}
