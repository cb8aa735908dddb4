// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.cuda.CudaUtils;
import org.favstream.actors.config.ConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineDeviceTest {

  @Test
  void shouldBeTheProcessorWhenItIsChosen() {
    assertThat(EngineDevice.resolve("cpu")).isEqualTo(Device.cpu());
  }

  @Test
  void shouldBeADeviceThatComputesWhenTheChoiceIsLeftToUs() {
    Device device = EngineDevice.resolve("auto");
    try (NDManager manager = NDManager.newBaseManager(device, "PyTorch")) {
      assertThat(manager.ones(new Shape(2)).addi(1).toFloatArray()).containsExactly(2, 2);
    }
  }

  @Test
  void shouldBeTheProcessorWhenThereIsNothingElse() {
    assumeThat(CudaUtils.getGpuCount()).describedAs("this machine has a CUDA device").isZero();
    assertThat(EngineDevice.resolve("auto")).isEqualTo(Device.cpu());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "gpu", "cuda", "cuda:", "cuda:-1", "cuda:x", "cuda:1000", "CPU", " cpu"})
  void shouldSayWhatItExpectsWhenTheChoiceIsNone(String choice) {
    assertThatThrownBy(() -> EngineDevice.resolve(choice))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("device: got '" + choice + "', expected auto, cpu or cuda:N");
  }

  @Test
  void shouldNameTheDeviceWhenTheMachineHasNone() {
    assumeThat(CudaUtils.getGpuCount()).describedAs("this machine has a CUDA device").isZero();
    assertThatThrownBy(() -> EngineDevice.resolve("cuda:0"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("device: got 'cuda:0', but this machine shows no CUDA device");
  }

  @Test
  void shouldNameTheDeviceWhenTheMachineHasFewer() {
    int present = CudaUtils.getGpuCount();
    assumeThat(present).describedAs("this machine has no CUDA device").isPositive();
    assertThatThrownBy(() -> EngineDevice.resolve("cuda:" + present))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("got 'cuda:" + present + "'")
        .hasMessageContaining(present + " CUDA device(s)");
  }
}
