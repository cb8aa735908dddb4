// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.noise;

/**
 * Philox4x32-10 (Salmon, Moraes, Dror, Shaw: <i>Parallel random numbers: as easy as 1, 2, 3</i>, SC
 * 2011): a bijection of a 128-bit counter under a 64-bit key. Any place of the sequence is made
 * without those before it.
 */
final class Philox {
  private static final int M0 = 0xD2511F53;
  private static final int M1 = 0xCD9E8D57;
  private static final int W0 = 0x9E3779B9;
  private static final int W1 = 0xBB67AE85;
  private static final int ROUNDS = 10;

  private Philox() {}

  /**
   * Writes the four words of one counter.
   *
   * @param key the key's low word is the first round's first key
   * @param low counter words 0 and 1
   * @param high counter words 2 and 3
   * @param out at least 4 long
   */
  static void block(long key, long low, long high, int[] out) {
    int c0 = (int) low;
    int c1 = (int) (low >>> 32);
    int c2 = (int) high;
    int c3 = (int) (high >>> 32);
    int k0 = (int) key;
    int k1 = (int) (key >>> 32);
    for (int round = 0; round < ROUNDS; round++) {
      long p0 = Integer.toUnsignedLong(M0) * Integer.toUnsignedLong(c0);
      long p1 = Integer.toUnsignedLong(M1) * Integer.toUnsignedLong(c2);
      c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      c1 = (int) p1;
      c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c3 = (int) p0;
      k0 += W0;
      k1 += W1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
  }
}
