// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.svgd;

import static org.favstream.learner.svgd.Lanes.FLOATS;
import static org.favstream.learner.svgd.Lanes.WIDTH;

import jdk.incubator.vector.FloatVector;

/**
 * The loops over the dimensions of a row and of some others, each with its numbers side by side.
 *
 * <p>Only a distance is summed along a vector's lanes. Its sums are those of {@value #STRIP}
 * virtual lanes, whatever the machine's vectors hold (up to so many), folded in one order: so it is
 * the same to the last bit everywhere. Dimensions beyond the last whole strip are never in a
 * vector.
 */
final class RowLoops {
  /** Virtual lanes. */
  static final int STRIP = 16;

  private RowLoops() {}

  private static int whole(int dimensions) {
    return dimensions - dimensions % STRIP;
  }

  /**
   * Squared distances of a row to four others, in partial sums.
   *
   * @param partials where to put them, {@code (4, STRIP)}; see {@link #folded}
   */
  static void distances4(
      float[] rows,
      int x,
      float[] others,
      int y0,
      int y1,
      int y2,
      int y3,
      int dimensions,
      float[] partials) {
    int whole = whole(dimensions);
    for (int lane = 0; lane < STRIP; lane += WIDTH) {
      FloatVector a0 = FloatVector.zero(FLOATS);
      FloatVector a1 = a0;
      FloatVector a2 = a0;
      FloatVector a3 = a0;
      for (int j = lane; j < whole; j += STRIP) {
        FloatVector at = load(rows, x + j);
        FloatVector b0 = load(others, y0 + j).sub(at);
        FloatVector b1 = load(others, y1 + j).sub(at);
        FloatVector b2 = load(others, y2 + j).sub(at);
        FloatVector b3 = load(others, y3 + j).sub(at);
        a0 = b0.fma(b0, a0);
        a1 = b1.fma(b1, a1);
        a2 = b2.fma(b2, a2);
        a3 = b3.fma(b3, a3);
      }
      a0.intoArray(partials, lane);
      a1.intoArray(partials, STRIP + lane);
      a2.intoArray(partials, 2 * STRIP + lane);
      a3.intoArray(partials, 3 * STRIP + lane);
    }
    for (int j = whole; j < dimensions; j++) {
      float at = rows[x + j];
      int lane = j - whole;
      partials[lane] += square(others[y0 + j] - at);
      partials[STRIP + lane] += square(others[y1 + j] - at);
      partials[2 * STRIP + lane] += square(others[y2 + j] - at);
      partials[3 * STRIP + lane] += square(others[y3 + j] - at);
    }
  }

  /** The sum of a strip of partial sums. */
  static float folded(float[] p, int at) {
    float a = (p[at] + p[at + 8]) + (p[at + 4] + p[at + 12]);
    float b = (p[at + 1] + p[at + 9]) + (p[at + 5] + p[at + 13]);
    float c = (p[at + 2] + p[at + 10]) + (p[at + 6] + p[at + 14]);
    float d = (p[at + 3] + p[at + 11]) + (p[at + 7] + p[at + 15]);
    return (a + c) + (b + d);
  }

  /**
   * Adds {@code Σ weight (other - row)} over four others that stand one after the other.
   *
   * @param weights {@code (count, TILE)}: of the row's lane, from the first of the four on
   */
  static void pull4(
      float[] weights,
      int weight,
      float[] rows,
      int x,
      float[] others,
      int y,
      int dimensions,
      float[] sums,
      int sum) {
    float w0 = weights[weight];
    float w1 = weights[weight + Lanes.TILE];
    float w2 = weights[weight + 2 * Lanes.TILE];
    float w3 = weights[weight + 3 * Lanes.TILE];
    FloatVector v0 = splat(w0);
    FloatVector v1 = splat(w1);
    FloatVector v2 = splat(w2);
    FloatVector v3 = splat(w3);
    int y1 = y + dimensions;
    int y2 = y1 + dimensions;
    int y3 = y2 + dimensions;
    int whole = whole(dimensions);
    for (int j = 0; j < whole; j += WIDTH) {
      FloatVector at = load(rows, x + j);
      FloatVector s = load(sums, sum + j);
      s = v0.fma(load(others, y + j).sub(at), s);
      s = v1.fma(load(others, y1 + j).sub(at), s);
      s = v2.fma(load(others, y2 + j).sub(at), s);
      s = v3.fma(load(others, y3 + j).sub(at), s);
      s.intoArray(sums, sum + j);
    }
    for (int j = whole; j < dimensions; j++) {
      float at = rows[x + j];
      float s = sums[sum + j];
      s += w0 * (others[y + j] - at);
      s += w1 * (others[y1 + j] - at);
      s += w2 * (others[y2 + j] - at);
      s += w3 * (others[y3 + j] - at);
      sums[sum + j] = s;
    }
  }

  /** As {@link #pull4}, of one other. */
  static void pull1(
      float w, float[] rows, int x, float[] others, int y, int dimensions, float[] sums, int sum) {
    FloatVector v = splat(w);
    int whole = whole(dimensions);
    for (int j = 0; j < whole; j += WIDTH) {
      FloatVector away = load(others, y + j).sub(load(rows, x + j));
      v.fma(away, load(sums, sum + j)).intoArray(sums, sum + j);
    }
    for (int j = whole; j < dimensions; j++) {
      sums[sum + j] += w * (others[y + j] - rows[x + j]);
    }
  }

  /**
   * Adds {@code Σ (kernel value + slope weight (other - row))} over four others and values that
   * stand one after the other.
   *
   * @param kernels {@code (count, TILE)}: of the row's lane, from {@code weight} on
   * @param weights likewise
   */
  static void move4(
      float[] kernels,
      float[] weights,
      int weight,
      float slope,
      float[] rows,
      int x,
      float[] others,
      int y,
      float[] values,
      int value,
      int dimensions,
      float[] sums,
      int sum) {
    float k0 = kernels[weight];
    float k1 = kernels[weight + Lanes.TILE];
    float k2 = kernels[weight + 2 * Lanes.TILE];
    float k3 = kernels[weight + 3 * Lanes.TILE];
    float w0 = slope * weights[weight];
    float w1 = slope * weights[weight + Lanes.TILE];
    float w2 = slope * weights[weight + 2 * Lanes.TILE];
    float w3 = slope * weights[weight + 3 * Lanes.TILE];
    FloatVector m0 = splat(k0);
    FloatVector m1 = splat(k1);
    FloatVector m2 = splat(k2);
    FloatVector m3 = splat(k3);
    FloatVector v0 = splat(w0);
    FloatVector v1 = splat(w1);
    FloatVector v2 = splat(w2);
    FloatVector v3 = splat(w3);
    int y1 = y + dimensions;
    int y2 = y1 + dimensions;
    int y3 = y2 + dimensions;
    int value1 = value + dimensions;
    int value2 = value1 + dimensions;
    int value3 = value2 + dimensions;
    int whole = whole(dimensions);
    for (int j = 0; j < whole; j += WIDTH) {
      FloatVector at = load(rows, x + j);
      FloatVector s = load(sums, sum + j);
      s = v0.fma(load(others, y + j).sub(at), s);
      s = m0.fma(load(values, value + j), s);
      s = v1.fma(load(others, y1 + j).sub(at), s);
      s = m1.fma(load(values, value1 + j), s);
      s = v2.fma(load(others, y2 + j).sub(at), s);
      s = m2.fma(load(values, value2 + j), s);
      s = v3.fma(load(others, y3 + j).sub(at), s);
      s = m3.fma(load(values, value3 + j), s);
      s.intoArray(sums, sum + j);
    }
    for (int j = whole; j < dimensions; j++) {
      float at = rows[x + j];
      float s = sums[sum + j];
      s += w0 * (others[y + j] - at);
      s += k0 * values[value + j];
      s += w1 * (others[y1 + j] - at);
      s += k1 * values[value1 + j];
      s += w2 * (others[y2 + j] - at);
      s += k2 * values[value2 + j];
      s += w3 * (others[y3 + j] - at);
      s += k3 * values[value3 + j];
      sums[sum + j] = s;
    }
  }

  /** Adds {@code weight · value}. */
  static void mix1(float w, float[] values, int value, int dimensions, float[] sums, int sum) {
    FloatVector v = splat(w);
    int whole = whole(dimensions);
    for (int j = 0; j < whole; j += WIDTH) {
      v.fma(load(values, value + j), load(sums, sum + j)).intoArray(sums, sum + j);
    }
    for (int j = whole; j < dimensions; j++) {
      sums[sum + j] += w * values[value + j];
    }
  }

  private static float square(float x) {
    return x * x;
  }

  private static FloatVector load(float[] array, int at) {
    return FloatVector.fromArray(FLOATS, array, at);
  }

  private static FloatVector splat(float value) {
    return FloatVector.broadcast(FLOATS, value);
  }
}
