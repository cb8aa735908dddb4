// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.noise;

import java.nio.charset.StandardCharsets;
import org.favstream.protocol.Noise;

/**
 * The noise behind a group, from {@link Noise} alone.
 *
 * <p>A uniform word {@code w} becomes the normal {@code Φ⁻¹((w + ½) / 2³²)}. The inverse is
 * Wichura's AS 241 (PPND16, relative error about 1e-16): arithmetic, roots and one {@code
 * StrictMath.log}, all of which give the same bits on every JVM from 17 on.
 */
@SuppressWarnings("FloatingPointLiteralPrecision") // the coefficients stand as they were published
public final class NoiseSource {
  private NoiseSource() {}

  /**
   * The key of a sampler's noise.
   *
   * @param seed the run's seed
   * @param sampler the sampler's id
   * @param incarnation which start of that sampler; another start makes other noise
   */
  public static long key(long seed, String sampler, long incarnation) {
    long key = mix(seed);
    for (byte letter : sampler.getBytes(StandardCharsets.UTF_8)) {
      key = mix(key ^ letter);
    }
    return mix(key ^ incarnation);
  }

  /** The finaliser of SplitMix64 (Steele, Lea, Flood 2014): a bijection that mixes all bits. */
  private static long mix(long value) {
    long z = value + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /**
   * Independent standard normals of a group, of whatever kind its samples' noise is.
   *
   * @param noise key, and the group's place in the sequence
   * @param count how many, from the group's first
   */
  public static float[] normals(Noise noise, int count) {
    float[] normals = new float[count];
    int[] words = new int[4];
    for (int i = 0; i < count; i++) {
      if ((i & 3) == 0) {
        Philox.block(noise.key(), i >>> 2, noise.counter(), words);
      }
      normals[i] = (float) normalOf(words[i & 3]);
    }
    return normals;
  }

  /**
   * The noise of a group's samples.
   *
   * <p>Where it is quasi-random, sample i of all has point i of a sequence of low discrepancy,
   * shifted by a number a coordinate that is drawn for the group (Cranley and Patterson 1976). So
   * each sample by itself has the noise that it has otherwise, and the mean over one group varies
   * the less the smoother what is averaged (randomised quasi-Monte Carlo; L'Ecuyer and Lemieux
   * 2002). A stretch of a group's samples, such as those of one context, is even too. Noise of more
   * than 16 normals a sample is independent of either kind: so many coordinates are not even
   * together.
   *
   * @param noise key, the group's place in the sequence, and how its samples go together
   * @param samples how many
   * @param size normals a sample
   * @return {@code (samples, size)}, row-major
   */
  public static float[] normals(Noise noise, int samples, int size) {
    if (noise.kind() == Noise.Kind.INDEPENDENT || size > Kronecker.MOST_DIMENSIONS) {
      return normals(noise, samples * size);
    }
    int[] shifts = new int[size];
    int[] words = new int[4];
    for (int j = 0; j < size; j++) {
      if ((j & 3) == 0) {
        Philox.block(noise.key(), (3L << 32) | (j >>> 2), noise.counter(), words);
      }
      shifts[j] = words[j & 3];
    }
    float[] normals = new float[samples * size];
    for (int i = 0; i < samples; i++) {
      for (int j = 0; j < size; j++) {
        normals[i * size + j] = (float) normalOf(Kronecker.word(i, j) + shifts[j]);
      }
    }
    return normals;
  }

  /**
   * Uniform whole numbers of a group; of another sequence than {@link #normals}.
   *
   * @param noise key, and the group's place in the sequence
   * @param count how many
   * @param bound all are in [0, bound)
   */
  public static int[] integers(Noise noise, int count, int bound) {
    int[] integers = new int[count];
    int[] words = new int[4];
    for (int i = 0; i < count; i++) {
      if ((i & 3) == 0) {
        Philox.block(noise.key(), (1L << 32) | (i >>> 2), noise.counter(), words);
      }
      integers[i] = (int) ((Integer.toUnsignedLong(words[i & 3]) * bound) >>> 32);
    }
    return integers;
  }

  /**
   * Uniform whole numbers of a draw over a wide range; of another sequence than {@link #normals}
   * and {@link #integers}.
   *
   * @param noise key, and the draw's place in the sequence
   * @param count how many
   * @param bound all are in [0, bound); below 2⁶²
   */
  public static long[] longs(Noise noise, int count, long bound) {
    long[] longs = new long[count];
    int[] words = new int[4];
    for (int i = 0; i < count; i++) {
      if ((i & 1) == 0) {
        Philox.block(noise.key(), (2L << 32) | (i >>> 1), noise.counter(), words);
      }
      int word = 2 * (i & 1);
      long bits = ((long) words[word] << 32) | Integer.toUnsignedLong(words[word + 1]);
      longs[i] = Math.multiplyHigh(bits >>> 1, bound << 1);
    }
    return longs;
  }

  private static double normalOf(int word) {
    double p = (Integer.toUnsignedLong(word) + 0.5) * 0x1p-32;
    double q = p - 0.5;
    if (Math.abs(q) <= 0.425) {
      double r = 0.180625 - q * q;
      return q * ratio(r, CENTRE_A, CENTRE_B);
    }
    double tail = Math.sqrt(-StrictMath.log(q < 0 ? p : 1 - p));
    // Beyond 5 lies less than 1.4e-11: words of 32 bits end at 4.7.
    double size = ratio(tail - 1.6, TAIL_C, TAIL_D);
    return q < 0 ? -size : size;
  }

  private static double ratio(double r, double[] above, double[] below) {
    double a = above[7];
    double b = below[7];
    for (int i = 6; i >= 0; i--) {
      a = a * r + above[i];
      b = b * r + below[i];
    }
    return a / b;
  }

  private static final double[] CENTRE_A = {
    3.3871328727963666080e0, 1.3314166789178437745e2, 1.9715909503065514427e3,
    1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
    3.3430575583588128105e4, 2.5090809287301226727e3
  };
  private static final double[] CENTRE_B = {
    1.0, 4.2313330701600911252e1, 6.8718700749205790830e2,
    5.3941960214247511077e3, 2.1213794301586595867e4, 3.9307895800092710610e4,
    2.8729085735721942674e4, 5.2264952788528545610e3
  };
  private static final double[] TAIL_C = {
    1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0,
    3.64784832476320460504e0, 1.27045825245236838258e0, 2.41780725177450611770e-1,
    2.27238449892691845833e-2, 7.74545014278341407640e-4
  };
  private static final double[] TAIL_D = {
    1.0, 2.05319162663775882187e0, 1.67638483018380384940e0,
    6.89767334985100004550e-1, 1.48103976427480074590e-1, 1.51986665636164571966e-2,
    5.47593808499534494600e-4, 1.05075007164441684324e-9
  };
}
