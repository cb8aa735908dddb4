// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.favstream.protocol.TensorSpec;

/** How a flat parameter vector is cut into named tensors. */
public final class ParameterLayout {
  private final List<TensorSpec> tensors;
  private final long[] cuts;
  private final int length;

  /** The tensors, in the order of the vector. */
  public ParameterLayout(List<TensorSpec> tensors) {
    this.tensors = List.copyOf(tensors);
    this.cuts = new long[Math.max(0, tensors.size() - 1)];
    int end = 0;
    for (int i = 0; i < tensors.size(); i++) {
      end = Math.addExact(end, tensors.get(i).length());
      if (i < cuts.length) {
        cuts[i] = end;
      }
    }
    this.length = end;
  }

  /** Names and shapes, in the order of the vector. */
  public List<TensorSpec> tensors() {
    return tensors;
  }

  /** How many parameters there are. */
  public int length() {
    return length;
  }

  /**
   * Views of the vector, one a tensor; differentiable, and with one concatenation in the backward
   * pass.
   *
   * @param parameters {@code (length)}
   */
  public NDList cut(NDArray parameters) {
    NDList views = cuts.length == 0 ? new NDList(parameters) : parameters.split(cuts);
    NDList shaped = new NDList(views.size());
    for (int i = 0; i < views.size(); i++) {
      Shape shape =
          new Shape(tensors.get(i).shape().stream().mapToLong(Integer::longValue).toArray());
      shaped.add(views.get(i).reshape(shape));
    }
    return shaped;
  }
}
