// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.engine;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.ByteOrder;

/** Numbers between Java arrays and tensors, without giving up the tensor's storage. */
public final class FlatTensors {
  private FlatTensors() {}

  /**
   * Overwrites a tensor's numbers in place.
   *
   * @throws IllegalArgumentException where there are more or fewer numbers than it holds
   */
  public static void write(NDArray tensor, float[] numbers) {
    if (tensor.size() != numbers.length) {
      throw new IllegalArgumentException(
          "%d numbers for a tensor of %d".formatted(numbers.length, tensor.size()));
    }
    if (tensor.getDevice().equals(Device.cpu())) {
      // A view of the storage: `set` would swap it, and views of the tensor would go stale.
      tensor.toByteBuffer(true).order(ByteOrder.nativeOrder()).asFloatBuffer().put(numbers);
      return;
    }
    try (NDManager here = tensor.getManager().newSubManager()) {
      NDArray source = here.create(numbers, tensor.getShape());
      tensor.muli(0).addi(source);
    }
  }
}
