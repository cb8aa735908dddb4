// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

/** Whether numbers are finite, at less than the cost of reading them from memory. */
public final class Finite {
  private static final int LANES = 8;

  private Finite() {}

  /** Whether no number is NaN or infinite. */
  public static boolean all(float[] numbers) {
    // x · 0 is 0, or NaN, which stays in a sum for ever: no branch a number. Several sums, as one
    // would wait for each addition before the next.
    float a = 0;
    float b = 0;
    float c = 0;
    float d = 0;
    float e = 0;
    float f = 0;
    float g = 0;
    float h = 0;
    int i = 0;
    for (; i + LANES <= numbers.length; i += LANES) {
      a += numbers[i] * 0;
      b += numbers[i + 1] * 0;
      c += numbers[i + 2] * 0;
      d += numbers[i + 3] * 0;
      e += numbers[i + 4] * 0;
      f += numbers[i + 5] * 0;
      g += numbers[i + 6] * 0;
      h += numbers[i + 7] * 0;
    }
    for (; i < numbers.length; i++) {
      a += numbers[i] * 0;
    }
    return a + b + c + d + (e + f + g + h) == 0;
  }
}
