// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

class EngineScopeTest {

  @Test
  void shouldFreeWhatWasMadeInItWhenItCloses() {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      NDArray parameters = manager.ones(new Shape(2));
      NDArray input;
      NDArray result;
      try (EngineScope scope = new EngineScope(manager)) {
        input = scope.manager().ones(new Shape(2));
        result = parameters.add(input); // attaches itself to the parameters' manager
        assertThat(result.toFloatArray()).containsExactly(2, 2);
      }
      assertThat(input.isReleased()).isTrue();
      assertThat(result.isReleased()).isTrue();
      assertThat(parameters.toFloatArray()).containsExactly(1, 1);
    }
  }
}
