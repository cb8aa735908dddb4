// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.svgd;

import static org.favstream.learner.svgd.Lanes.FLOATS;
import static org.favstream.learner.svgd.Lanes.TILE;
import static org.favstream.learner.svgd.Lanes.WIDTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * From squared distances to kernels: the loops over a tile's squared distances {@code (count,
 * TILE)} to one block of others.
 */
final class KernelLoops {
  /** {@link #exp2Minus} goes no lower than 2^-100. */
  static final float LARGEST_EXPONENT = 100f;

  private static final int LARGEST_EXPONENT_BITS = Float.floatToRawIntBits(LARGEST_EXPONENT);

  /** 1.5 * 2^23: a float so large that its last bit is worth 1; adding it rounds to an integer. */
  private static final float ROUNDER = 0x1.8p23f;

  private static final int MANTISSA_BITS = 23;

  // 2^-f on [-1/2, 1/2], minimax in the relative error, with the constant held at 1.
  private static final float C1 = -0x1.62e42ap-1f;
  private static final float C2 = 0x1.ebf9bcp-3f;
  private static final float C3 = -0x1.c6b752p-5f;
  private static final float C4 = 0x1.3cea88p-7f;
  private static final float C5 = -0x1.5bba14p-10f;

  private KernelLoops() {}

  /** Takes the least squared distance of each row of a tile into {@code nearest}. */
  static void approach(float[] squared, int count, float[] nearest, int tile) {
    for (int half = 0; half < TILE; half += WIDTH) {
      IntVector least = load(nearest, tile + half).reinterpretAsInts();
      for (int i = half; i < count * TILE; i += TILE) {
        // Non-negative floats are ordered as their bits are, and those take one instruction, where
        // the floats' own minimum takes five for the sake of NaN and -0.
        least = least.min(load(squared, i).reinterpretAsInts());
      }
      least.reinterpretAsFloats().intoArray(nearest, tile + half);
    }
  }

  /**
   * The kernels of one scale, relative to that of the widest scale at the nearest other, so that no
   * row underflows: {@code exp(-D/σ + nearest/σ_widest)}, whose argument is never positive.
   *
   * @param falloff {@code 1/(σ ln 2)}, of this scale
   * @param excess {@code falloff} less that of the widest scale
   * @param kernels where to put them
   * @param masses what to add their sums over the others to
   */
  static void relativeKernels(
      float[] squared,
      int count,
      float[] nearest,
      int tile,
      float falloff,
      float excess,
      float[] kernels,
      float[] masses,
      int mass) {
    FloatVector steepness = splat(falloff);
    for (int half = 0; half < TILE; half += WIDTH) {
      FloatVector origin = load(nearest, tile + half);
      FloatVector offset = origin.mul(excess);
      FloatVector sum = FloatVector.zero(FLOATS);
      for (int i = half; i < count * TILE; i += TILE) {
        FloatVector kernel = exp2Minus(load(squared, i).sub(origin).fma(steepness, offset));
        sum = sum.add(kernel);
        kernel.intoArray(kernels, i);
      }
      load(masses, mass + half).add(sum).intoArray(masses, mass + half);
    }
  }

  /**
   * The kernels of one scale: {@code exp(-D/σ)}.
   *
   * @param falloff {@code 1/(σ ln 2)}
   * @param kernels where to put them
   */
  static void kernels(float[] squared, int count, float falloff, float[] kernels) {
    for (int i = 0; i < count * TILE; i += WIDTH) {
      exp2Minus(load(squared, i).mul(falloff)).intoArray(kernels, i);
    }
  }

  /** Adds the sums over the others of each row's kernels to {@code masses}. */
  static void addRows(float[] kernels, int count, float[] masses, int mass) {
    for (int half = 0; half < TILE; half += WIDTH) {
      FloatVector sum = FloatVector.zero(FLOATS);
      for (int i = half; i < count * TILE; i += TILE) {
        sum = sum.add(load(kernels, i));
      }
      load(masses, mass + half).add(sum).intoArray(masses, mass + half);
    }
  }

  /** Adds {@code factor · block} to a tile's sums. */
  static void addScaled(float[] sums, int from, int length, float factor, float[] block) {
    for (int i = 0; i < length; i += WIDTH) {
      load(sums, from + i).add(load(block, i).mul(factor)).intoArray(sums, from + i);
    }
  }

  /** Makes a tile's sums {@code sum · factor + block}, with a factor for each row. */
  static void scaleAndAdd(float[] sums, int from, int length, float[] factors, float[] block) {
    for (int half = 0; half < TILE; half += WIDTH) {
      FloatVector factor = load(factors, half);
      for (int i = half; i < length; i += TILE) {
        load(sums, from + i).mul(factor).add(load(block, i)).intoArray(sums, from + i);
      }
    }
  }

  /**
   * 2^-v for v >= 0: v = n + f with n the nearest integer, a polynomial for 2^-f, and n subtracted
   * from the exponent bits. Only exact or correctly rounded operations, hence the same numbers on
   * every JVM, which {@code VectorOperators.EXP} does not promise.
   *
   * <p>Relative error at most 1.8e-7 up to v = {@value #LARGEST_EXPONENT}, and none at v = 0. A
   * larger v counts as {@value #LARGEST_EXPONENT}: to a sum that also holds a kernel near 1 this is
   * zero, and no denormal number, which would be slow, ever arises.
   *
   * <p>The constants are spelt out here, since vectors in static fields would be loaded anew in
   * each turn of a loop that also stores. A loop around this method has room for little else: C2
   * gives up inlining (and then allocates every vector) at about 50 vector operations.
   */
  static FloatVector exp2Minus(FloatVector v) {
    FloatVector clamped = v.reinterpretAsInts().min(LARGEST_EXPONENT_BITS).reinterpretAsFloats();
    FloatVector rounded = splat(ROUNDER).sub(clamped); // its low bits hold -n
    FloatVector f = clamped.add(rounded.sub(ROUNDER));
    FloatVector power = f.fma(splat(C5), splat(C4));
    power = power.fma(f, splat(C3));
    power = power.fma(f, splat(C2));
    power = power.fma(f, splat(C1));
    power = power.fma(f, splat(1f));
    IntVector n = rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, MANTISSA_BITS);
    return power.reinterpretAsInts().add(n).reinterpretAsFloats();
  }

  private static FloatVector load(float[] array, int at) {
    return FloatVector.fromArray(FLOATS, array, at);
  }

  private static FloatVector splat(float value) {
    return FloatVector.broadcast(FLOATS, value);
  }
}
