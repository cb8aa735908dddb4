// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.svgd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The vectors' own exponential, by way of the kernels: with a falloff of 1 they are 2^-D. */
class KernelLoopsTest {

  @Test
  void shouldBeWithinTheStatedErrorAtAllMagnitudes() {
    double worst = 0;
    // Every 997th float from 0 to 100, by its bits: dense at all magnitudes.
    int bits = 0;
    int last = Float.floatToRawIntBits(KernelLoops.LARGEST_EXPONENT);
    float[] exponents = new float[Lanes.TILE * 64];
    while (bits <= last) {
      for (int i = 0; i < exponents.length; i++, bits += 997) {
        exponents[i] = Float.intBitsToFloat(Math.min(bits, last));
      }
      float[] powers = exp2Minus(exponents);
      for (int i = 0; i < powers.length; i++) {
        double exact = Math.pow(2, -(double) exponents[i]);
        worst = Math.max(worst, Math.abs(powers[i] - exact) / exact);
      }
    }
    assertThat(worst).isLessThan(1.8e-7).isGreaterThan(1e-8);
  }

  @Test
  void shouldBeExactWhenTheExponentIsAnInteger() {
    float[] exponents = new float[Lanes.TILE * 64];
    for (int i = 0; i < exponents.length; i++) {
      exponents[i] = i % 101;
    }
    float[] powers = exp2Minus(exponents);
    for (int i = 0; i < powers.length; i++) {
      assertThat(powers[i]).isEqualTo(Math.scalb(1f, -(i % 101)));
    }
  }

  @Test
  void shouldNeverBeDenormalWhenExponentsAreLarge() {
    for (float exponent : new float[] {100.5f, 126.5f, 149, 1e3f, 0x1p23f, 1e9f, 1e38f}) {
      float[] exponents = new float[Lanes.TILE];
      Arrays.fill(exponents, exponent);
      assertThat(exp2Minus(exponents)).containsOnly(0x1p-100f);
    }
  }

  private static float[] exp2Minus(float[] exponents) {
    float[] powers = new float[exponents.length];
    KernelLoops.kernels(exponents, exponents.length / Lanes.TILE, 1, powers);
    return powers;
  }
}
