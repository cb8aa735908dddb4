// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.favstream.protocol.TensorSpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ParameterLayoutTest {
  private static final List<TensorSpec> TENSORS =
      List.of(TensorSpec.of("a", 2, 2), TensorSpec.of("b", 1), TensorSpec.of("c", 3));

  private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");

  @AfterEach
  void close() {
    manager.close();
  }

  private NDArray counted(int length) {
    float[] numbers = new float[length];
    for (int i = 0; i < length; i++) {
      numbers[i] = i;
    }
    return manager.create(numbers);
  }

  @Test
  void shouldGiveEachTensorItsPartWhenAVectorIsCut() {
    ParameterLayout layout = new ParameterLayout(TENSORS);
    assertThat(layout.length()).isEqualTo(8);
    NDList parts = layout.cut(counted(8));
    assertThat(parts).hasSize(3);
    assertThat(parts.get(0).getShape()).isEqualTo(new Shape(2, 2));
    assertThat(parts.get(0).toFloatArray()).containsExactly(0, 1, 2, 3);
    assertThat(parts.get(1).getShape()).isEqualTo(new Shape(1));
    assertThat(parts.get(1).toFloatArray()).containsExactly(4);
    assertThat(parts.get(2).toFloatArray()).containsExactly(5, 6, 7);
  }

  @Test
  void shouldGiveTheWholeWhenThereIsOneTensor() {
    NDList parts = new ParameterLayout(List.of(TensorSpec.of("w", 2, 3))).cut(counted(6));
    assertThat(parts).hasSize(1);
    assertThat(parts.get(0).getShape()).isEqualTo(new Shape(2, 3));
    assertThat(parts.get(0).toFloatArray()).containsExactly(0, 1, 2, 3, 4, 5);
  }

  @Test
  void shouldCarryTheGradientToItsPlaceWhenOnlySomePartsAreUsed() {
    NDArray leaf = Gradients.leafOf(counted(8));
    NDList parts = new ParameterLayout(TENSORS).cut(leaf);
    NDArray output = parts.get(0).square().sum().add(parts.get(2).sum());
    assertThat(Gradients.inLeaf(output, output.onesLike(), leaf).toFloatArray())
        .containsExactly(0, 2, 4, 6, 0, 1, 1, 1);
  }

  @Test
  void shouldShowTheNewNumbersWhenTheVectorIsOverwritten() {
    NDArray vector = counted(8);
    NDList parts = new ParameterLayout(TENSORS).cut(vector);
    FlatTensors.write(vector, new float[] {9, 9, 9, 9, 9, 1, 2, 3});
    assertThat(parts.get(2).toFloatArray()).containsExactly(1, 2, 3);
  }

  @Test
  void shouldStayAsItIsWhenTheCallersListChanges() {
    List<TensorSpec> tensors = new ArrayList<>(TENSORS);
    ParameterLayout layout = new ParameterLayout(tensors);
    tensors.clear();
    assertThat(layout.tensors()).isEqualTo(TENSORS);
  }

  @Test
  void shouldRefuseWhenThereAreMoreParametersThanAnArrayHolds() {
    TensorSpec large = TensorSpec.of("large", 1 << 30);
    assertThatThrownBy(() -> new ParameterLayout(List.of(large, large)))
        .isInstanceOf(ArithmeticException.class);
  }
}
