// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FlatTensorsTest {
  private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void shouldOverwriteInPlaceWhenThereAreViews() {
    NDArray tensor = manager.zeros(new Shape(2, 2));
    NDArray view = tensor.reshape(4);
    FlatTensors.write(tensor, new float[] {1, -2, Float.MIN_VALUE, Float.NaN});
    assertThat(tensor.toFloatArray()).containsExactly(1, -2, Float.MIN_VALUE, Float.NaN);
    assertThat(view.toFloatArray()).containsExactly(1, -2, Float.MIN_VALUE, Float.NaN);
    FlatTensors.write(tensor, new float[] {1, 2, 3, 4});
    assertThat(view.toFloatArray()).containsExactly(1, 2, 3, 4);
  }

  @Test
  void shouldNotKeepTheArrayWhenItHasWritten() {
    NDArray tensor = manager.zeros(new Shape(2));
    float[] numbers = {1, 2};
    FlatTensors.write(tensor, numbers);
    numbers[0] = 9;
    assertThat(tensor.toFloatArray()).containsExactly(1, 2);
  }

  @Test
  void shouldRefuseWhenThereAreMoreOrFewerNumbers() {
    NDArray tensor = manager.ones(new Shape(2, 2));
    assertThatThrownBy(() -> FlatTensors.write(tensor, new float[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("3 numbers for a tensor of 4");
    assertThatThrownBy(() -> FlatTensors.write(tensor, new float[5]))
        .hasMessage("5 numbers for a tensor of 4");
    assertThat(tensor.toFloatArray()).containsExactly(1, 1, 1, 1);
  }
}
