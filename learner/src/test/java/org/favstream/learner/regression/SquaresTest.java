// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.regression;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SquaresTest {

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 4, 5, 10})
  void shouldSumEveryNumberOnceWhateverTheLength(int length) {
    float[] x = new float[length + 2];
    float[] y = new float[length + 2];
    double squares = 0;
    for (int i = 0; i < x.length; i++) {
      x[i] = 1 << i; // sums of their squares are exact, and each number shows in them
      y[i] = 3 << i;
      squares += i == 0 || i == length + 1 ? 0 : (double) x[i] * x[i];
    }
    assertThat(Squares.sum(x, 1, length + 1)).isEqualTo(squares);
    assertThat(Squares.ofDifferences(x, y, 1, length + 1)).isEqualTo(4 * squares);
  }
}
