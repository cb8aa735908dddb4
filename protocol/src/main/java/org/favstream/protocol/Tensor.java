// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * An immutable block of float32 numbers, row-major. It copies what it is given and what it gives:
 * no array is shared with it.
 */
public final class Tensor {
  private final int[] shape;
  private final float[] data;
  private final boolean finite;

  private Tensor(int[] shape, float[] data) {
    this.shape = shape;
    this.data = data;
    this.finite = Finite.all(data); // now, as the numbers have just been written to the cache
  }

  /**
   * A tensor with a copy of these numbers.
   *
   * @param shape sizes of the axes, each at least 1
   * @param data product(shape) numbers, row-major
   * @throws IllegalArgumentException where they do not fit each other
   */
  public static Tensor of(int[] shape, float[] data) {
    requireFit(shape, data.length);
    return new Tensor(shape.clone(), data.clone());
  }

  /** As {@link #of}, for a caller that lets go of both arrays. */
  static Tensor wrap(int[] shape, float[] data) {
    requireFit(shape, data.length);
    return new Tensor(shape, data);
  }

  private static void requireFit(int[] shape, long numbers) {
    long product = 1;
    for (int size : shape) {
      if (size < 1) {
        throw new IllegalArgumentException(
            "a tensor of shape " + Arrays.toString(shape) + ": every axis must be at least 1");
      }
      product = Math.multiplyExact(product, size);
    }
    if (shape.length == 0 || product != numbers) {
      throw new IllegalArgumentException(
          "a tensor of shape %s needs %d numbers, got %d"
              .formatted(Arrays.toString(shape), shape.length == 0 ? 0 : product, numbers));
    }
  }

  /** A copy of the sizes of the axes. */
  public int[] shape() {
    return shape.clone();
  }

  /** The number of axes. */
  public int rank() {
    return shape.length;
  }

  /** The size of one axis. */
  public int size(int axis) {
    return shape[axis];
  }

  /** How many numbers it holds. */
  public int length() {
    return data.length;
  }

  /** The number at a flat, row-major index. */
  public float at(int index) {
    return data[index];
  }

  /** A copy of all numbers, row-major. */
  public float[] toArray() {
    return data.clone();
  }

  /** A read-only view of all numbers, row-major. */
  public FloatBuffer asBuffer() {
    return FloatBuffer.wrap(data).asReadOnlyBuffer();
  }

  /** Whether no number is NaN or infinite. */
  public boolean isFinite() {
    return finite;
  }

  /** Whether it has just these sizes. */
  public boolean hasShape(int... expected) {
    return Arrays.equals(shape, expected);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Tensor that
        && Arrays.equals(shape, that.shape)
        && Arrays.equals(data, that.data);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(shape) + Arrays.hashCode(data);
  }

  @Override
  public String toString() {
    return "Tensor" + Arrays.toString(shape);
  }
}
