// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;

/**
 * Numbers as tensors, for graphs that are differentiated.
 *
 * <p>DJL's {@code x.mul(Number)} makes a tensor on a direct buffer and lets go of the buffer on
 * return. The graph, however, keeps the tensor for the backward pass: once the garbage collector
 * has freed the buffer, the gradient is made of whatever stands there by then. So a number that a
 * graph multiplies, divides or compares with must be a tensor that lives as long as the scope.
 * (Sums keep nothing, and where no gradient is asked for DJL's own way is sound.)
 */
public final class Scalars {
  private Scalars() {}

  /**
   * A number of the same type and on the same device as a tensor, for as long as its scope lives.
   */
  public static NDArray of(NDArray like, double value) {
    return like.getDataType() == DataType.FLOAT64
        ? like.getManager().create(value)
        : like.getManager().create((float) value);
  }
}
