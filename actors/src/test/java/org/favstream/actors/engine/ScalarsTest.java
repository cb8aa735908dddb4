// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

class ScalarsTest {

  @Test
  void shouldHaveTheTypeOfTheTensorItIsFor() {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      NDArray single = Scalars.of(manager.zeros(new Shape(2)), 0.1);
      assertThat(single.getDataType()).isEqualTo(DataType.FLOAT32);
      assertThat(single.getFloat()).isEqualTo(0.1f);
      NDArray wide = Scalars.of(manager.zeros(new Shape(2), DataType.FLOAT64), 0.1);
      assertThat(wide.getDataType()).isEqualTo(DataType.FLOAT64);
      assertThat(wide.getDouble()).isEqualTo(0.1);
      assertThat(single.getShape().dimension()).isZero();
    }
  }

  /** Fails with {@code leaf.mul(0.5)}: see {@link Scalars}. */
  @Test
  void shouldGiveTheSameGradientWhenTheCollectorRunsBeforeTheBackwardPass() throws Exception {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        EngineScope scope = new EngineScope(manager)) {
      NDArray leaf = Gradients.leafOf(scope.manager().create(new float[] {1, 2, 3}));
      NDArray output = leaf.mul(Scalars.of(leaf, 0.5));
      DirectMemory.reclaim();
      assertThat(Gradients.inLeaf(output, output.onesLike(), leaf).toFloatArray())
          .containsExactly(0.5f, 0.5f, 0.5f);
    }
  }
}
