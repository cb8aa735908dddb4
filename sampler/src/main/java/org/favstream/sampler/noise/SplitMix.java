// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.noise;

/**
 * Random numbers that are the same on every JVM: SplitMix64 (Steele, Lea and Flood, <i>Fast
 * splittable pseudorandom number generators</i>, 2014), seeded by a seed and an index. The JDK's
 * own class leaves its normals and its ranges free to change.
 */
public final class SplitMix {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private long state;

  /** A sequence of its own for each index. */
  public SplitMix(long seed, long index) {
    state = mix(mix(seed + GOLDEN) ^ index);
  }

  /** A word, all of whose bits are uniform. */
  public long word() {
    state += GOLDEN;
    return mix(state);
  }

  /** Uniform in [0, 1). */
  public double uniform() {
    return (word() >>> 11) * 0x1p-53;
  }

  /** Standard normal, by Box and Muller. */
  public double normal() {
    double radius = Math.sqrt(-2 * StrictMath.log(1 - uniform()));
    return radius * StrictMath.cos(2 * Math.PI * uniform());
  }

  private static long mix(long z) {
    long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
    return b ^ (b >>> 31);
  }
}
