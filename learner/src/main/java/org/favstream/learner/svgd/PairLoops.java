// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.svgd;

import static org.favstream.learner.svgd.Lanes.FLOATS;
import static org.favstream.learner.svgd.Lanes.INTS;
import static org.favstream.learner.svgd.Lanes.TILE;
import static org.favstream.learner.svgd.Lanes.WIDTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * The loops over all pairs (row of a tile, other of a block), a few dimensions at a time: four of
 * them in registers, or two for what is left.
 *
 * <p>Shapes, for {@code w} dimensions (2 or 4): of a tile {@code (w, TILE)}, from an offset on; of
 * a block of others {@code (count, w)}, from an offset on; of weights and squared distances {@code
 * (count, TILE)}.
 *
 * <p>Others stand as the bits of floats in {@code int[]}: C2 broadcasts an int straight from memory
 * (vpbroadcastd), a float only by way of a register, which costs a third of the speed.
 *
 * <p>A difference is always taken before it is squared or summed. The expansion {@code x² + y² -
 * 2xy} would be a matrix product, but loses all digits where particles are far from the origin and
 * near each other; and here it would save nothing, as subtraction and multiplication go to
 * different units.
 */
final class PairLoops {
  private PairLoops() {}

  /** Squared distances over two dimensions: set, or added where they are not the {@code first}. */
  static void distances2(
      float[] rows, int row, int[] others, int other, int count, float[] squared, boolean first) {
    FloatVector xa0 = load(rows, row);
    FloatVector xb0 = load(rows, row + WIDTH);
    FloatVector xa1 = load(rows, row + TILE);
    FloatVector xb1 = load(rows, row + TILE + WIDTH);
    for (int k = 0; k < count; k++) {
      FloatVector y0 = splat(others[other + 2 * k]);
      FloatVector y1 = splat(others[other + 2 * k + 1]);
      FloatVector a0 = xa0.sub(y0);
      FloatVector b0 = xb0.sub(y0);
      FloatVector a1 = xa1.sub(y1);
      FloatVector b1 = xb1.sub(y1);
      FloatVector a = a1.fma(a1, a0.mul(a0));
      FloatVector b = b1.fma(b1, b0.mul(b0));
      if (!first) {
        a = a.add(load(squared, k * TILE));
        b = b.add(load(squared, k * TILE + WIDTH));
      }
      a.intoArray(squared, k * TILE);
      b.intoArray(squared, k * TILE + WIDTH);
    }
  }

  /** As {@link #distances2}, over four dimensions. */
  static void distances4(
      float[] rows, int row, int[] others, int other, int count, float[] squared, boolean first) {
    FloatVector xa0 = load(rows, row);
    FloatVector xb0 = load(rows, row + WIDTH);
    FloatVector xa1 = load(rows, row + TILE);
    FloatVector xb1 = load(rows, row + TILE + WIDTH);
    FloatVector xa2 = load(rows, row + 2 * TILE);
    FloatVector xb2 = load(rows, row + 2 * TILE + WIDTH);
    FloatVector xa3 = load(rows, row + 3 * TILE);
    FloatVector xb3 = load(rows, row + 3 * TILE + WIDTH);
    for (int k = 0; k < count; k++) {
      FloatVector y0 = splat(others[other + 4 * k]);
      FloatVector y1 = splat(others[other + 4 * k + 1]);
      FloatVector y2 = splat(others[other + 4 * k + 2]);
      FloatVector y3 = splat(others[other + 4 * k + 3]);
      FloatVector a0 = xa0.sub(y0);
      FloatVector b0 = xb0.sub(y0);
      FloatVector a1 = xa1.sub(y1);
      FloatVector b1 = xb1.sub(y1);
      FloatVector a2 = xa2.sub(y2);
      FloatVector b2 = xb2.sub(y2);
      FloatVector a3 = xa3.sub(y3);
      FloatVector b3 = xb3.sub(y3);
      FloatVector a = a1.fma(a1, a0.mul(a0)).add(a3.fma(a3, a2.mul(a2)));
      FloatVector b = b1.fma(b1, b0.mul(b0)).add(b3.fma(b3, b2.mul(b2)));
      if (!first) {
        a = a.add(load(squared, k * TILE));
        b = b.add(load(squared, k * TILE + WIDTH));
      }
      a.intoArray(squared, k * TILE);
      b.intoArray(squared, k * TILE + WIDTH);
    }
  }

  /** Puts {@code Σ_k weight_k (other_k - row)} into {@code sums}, over two dimensions. */
  static void pull2(
      float[] weights,
      int count,
      float[] rows,
      int row,
      int[] others,
      int other,
      float[] sums,
      int sum) {
    FloatVector xa0 = load(rows, row);
    FloatVector xb0 = load(rows, row + WIDTH);
    FloatVector xa1 = load(rows, row + TILE);
    FloatVector xb1 = load(rows, row + TILE + WIDTH);
    FloatVector a0 = FloatVector.zero(FLOATS);
    FloatVector b0 = a0;
    FloatVector a1 = a0;
    FloatVector b1 = a0;
    for (int k = 0; k < count; k++) {
      FloatVector wa = load(weights, k * TILE);
      FloatVector wb = load(weights, k * TILE + WIDTH);
      FloatVector y0 = splat(others[other + 2 * k]);
      FloatVector y1 = splat(others[other + 2 * k + 1]);
      a0 = wa.fma(y0.sub(xa0), a0);
      b0 = wb.fma(y0.sub(xb0), b0);
      a1 = wa.fma(y1.sub(xa1), a1);
      b1 = wb.fma(y1.sub(xb1), b1);
    }
    a0.intoArray(sums, sum);
    b0.intoArray(sums, sum + WIDTH);
    a1.intoArray(sums, sum + TILE);
    b1.intoArray(sums, sum + TILE + WIDTH);
  }

  /** As {@link #pull2}, over four dimensions. */
  static void pull4(
      float[] weights,
      int count,
      float[] rows,
      int row,
      int[] others,
      int other,
      float[] sums,
      int sum) {
    FloatVector xa0 = load(rows, row);
    FloatVector xb0 = load(rows, row + WIDTH);
    FloatVector xa1 = load(rows, row + TILE);
    FloatVector xb1 = load(rows, row + TILE + WIDTH);
    FloatVector xa2 = load(rows, row + 2 * TILE);
    FloatVector xb2 = load(rows, row + 2 * TILE + WIDTH);
    FloatVector xa3 = load(rows, row + 3 * TILE);
    FloatVector xb3 = load(rows, row + 3 * TILE + WIDTH);
    FloatVector a0 = FloatVector.zero(FLOATS);
    FloatVector b0 = a0;
    FloatVector a1 = a0;
    FloatVector b1 = a0;
    FloatVector a2 = a0;
    FloatVector b2 = a0;
    FloatVector a3 = a0;
    FloatVector b3 = a0;
    for (int k = 0; k < count; k++) {
      FloatVector wa = load(weights, k * TILE);
      FloatVector wb = load(weights, k * TILE + WIDTH);
      FloatVector y0 = splat(others[other + 4 * k]);
      FloatVector y1 = splat(others[other + 4 * k + 1]);
      FloatVector y2 = splat(others[other + 4 * k + 2]);
      FloatVector y3 = splat(others[other + 4 * k + 3]);
      a0 = wa.fma(y0.sub(xa0), a0);
      b0 = wb.fma(y0.sub(xb0), b0);
      a1 = wa.fma(y1.sub(xa1), a1);
      b1 = wb.fma(y1.sub(xb1), b1);
      a2 = wa.fma(y2.sub(xa2), a2);
      b2 = wb.fma(y2.sub(xb2), b2);
      a3 = wa.fma(y3.sub(xa3), a3);
      b3 = wb.fma(y3.sub(xb3), b3);
    }
    a0.intoArray(sums, sum);
    b0.intoArray(sums, sum + WIDTH);
    a1.intoArray(sums, sum + TILE);
    b1.intoArray(sums, sum + TILE + WIDTH);
    a2.intoArray(sums, sum + 2 * TILE);
    b2.intoArray(sums, sum + 2 * TILE + WIDTH);
    a3.intoArray(sums, sum + 3 * TILE);
    b3.intoArray(sums, sum + 3 * TILE + WIDTH);
  }

  /** Puts {@code Σ_k weight_k other_k} into {@code sums}, over two dimensions. */
  static void mix2(float[] weights, int count, int[] others, int other, float[] sums, int sum) {
    FloatVector a0 = FloatVector.zero(FLOATS);
    FloatVector b0 = a0;
    FloatVector a1 = a0;
    FloatVector b1 = a0;
    for (int k = 0; k < count; k++) {
      FloatVector wa = load(weights, k * TILE);
      FloatVector wb = load(weights, k * TILE + WIDTH);
      FloatVector y0 = splat(others[other + 2 * k]);
      FloatVector y1 = splat(others[other + 2 * k + 1]);
      a0 = wa.fma(y0, a0);
      b0 = wb.fma(y0, b0);
      a1 = wa.fma(y1, a1);
      b1 = wb.fma(y1, b1);
    }
    a0.intoArray(sums, sum);
    b0.intoArray(sums, sum + WIDTH);
    a1.intoArray(sums, sum + TILE);
    b1.intoArray(sums, sum + TILE + WIDTH);
  }

  /** As {@link #mix2}, over four dimensions. */
  static void mix4(float[] weights, int count, int[] others, int other, float[] sums, int sum) {
    FloatVector a0 = FloatVector.zero(FLOATS);
    FloatVector b0 = a0;
    FloatVector a1 = a0;
    FloatVector b1 = a0;
    FloatVector a2 = a0;
    FloatVector b2 = a0;
    FloatVector a3 = a0;
    FloatVector b3 = a0;
    for (int k = 0; k < count; k++) {
      FloatVector wa = load(weights, k * TILE);
      FloatVector wb = load(weights, k * TILE + WIDTH);
      FloatVector y0 = splat(others[other + 4 * k]);
      FloatVector y1 = splat(others[other + 4 * k + 1]);
      FloatVector y2 = splat(others[other + 4 * k + 2]);
      FloatVector y3 = splat(others[other + 4 * k + 3]);
      a0 = wa.fma(y0, a0);
      b0 = wb.fma(y0, b0);
      a1 = wa.fma(y1, a1);
      b1 = wb.fma(y1, b1);
      a2 = wa.fma(y2, a2);
      b2 = wb.fma(y2, b2);
      a3 = wa.fma(y3, a3);
      b3 = wb.fma(y3, b3);
    }
    a0.intoArray(sums, sum);
    b0.intoArray(sums, sum + WIDTH);
    a1.intoArray(sums, sum + TILE);
    b1.intoArray(sums, sum + TILE + WIDTH);
    a2.intoArray(sums, sum + 2 * TILE);
    b2.intoArray(sums, sum + 2 * TILE + WIDTH);
    a3.intoArray(sums, sum + 3 * TILE);
    b3.intoArray(sums, sum + 3 * TILE + WIDTH);
  }

  private static FloatVector load(float[] array, int at) {
    return FloatVector.fromArray(FLOATS, array, at);
  }

  private static FloatVector splat(int bits) {
    return IntVector.broadcast(INTS, bits).reinterpretAsFloats();
  }
}
