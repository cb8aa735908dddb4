// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.noise;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PhiloxTest {

  private static long words(String low, String high) {
    return Long.parseUnsignedLong(high + low, 16);
  }

  /** The known answers that come with the authors' Random123: counter, key, result, as words. */
  @ParameterizedTest
  @CsvSource({
    "00000000 00000000 00000000 00000000, 00000000 00000000, 6627e8d5 e169c58d bc57ac4c 9b00dbd8",
    "ffffffff ffffffff ffffffff ffffffff, ffffffff ffffffff, 408f276d 41c83b0e a20bc7c6 6d5451fd",
    "243f6a88 85a308d3 13198a2e 03707344, a4093822 299f31d0, d16cfe09 94fdcceb 5001e420 24126ea1"
  })
  void shouldGiveThePublishedWords(String counter, String key, String expected) {
    String[] c = counter.split(" ", -1);
    String[] k = key.split(" ", -1);
    int[] out = new int[4];
    Philox.block(words(k[0], k[1]), words(c[0], c[1]), words(c[2], c[3]), out);
    assertThat("%08x %08x %08x %08x".formatted(out[0], out[1], out[2], out[3])).isEqualTo(expected);
  }

  @Test
  void shouldDifferWhenAnyPartOfKeyOrCounterDiffers() {
    Set<Integer> seen = new HashSet<>();
    int[] out = new int[4];
    for (int bit = 0; bit < 64; bit++) {
      Philox.block(1L << bit, 0, 0, out);
      seen.add(out[0]);
      Philox.block(0, 1L << bit, 0, out);
      seen.add(out[0]);
      Philox.block(0, 0, 1L << bit, out);
      seen.add(out[0]);
    }
    assertThat(seen).hasSize(3 * 64);
  }
}
