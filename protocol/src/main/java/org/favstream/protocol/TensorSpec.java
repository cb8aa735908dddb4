// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

import java.util.Arrays;
import java.util.List;

/**
 * Name and shape of one tensor among the weights.
 *
 * @param name the tensor's name
 * @param shape sizes of the axes
 */
public record TensorSpec(String name, List<Integer> shape) {
  public TensorSpec {
    Fields.notBlank("tensor.name", name);
    shape = List.copyOf(shape);
    long length = 1;
    for (int size : shape) {
      length *= size;
      if (size < 1 || length > Integer.MAX_VALUE) {
        throw new IllegalArgumentException("tensor " + name + ": shape " + shape);
      }
    }
  }

  /** As the constructor, from sizes in a row. */
  public static TensorSpec of(String name, int... shape) {
    return new TensorSpec(name, Arrays.stream(shape).boxed().toList());
  }

  /** How many numbers the tensor holds. */
  public int length() {
    return shape.stream().reduce(1, Math::multiplyExact);
  }

  @Override
  public String toString() {
    return name + shape;
  }
}
