// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SiluTest {
  private static final float[] NUMBERS = {-90, -20, -3, -1.5f, -0.1f, 0, 0.1f, 1, 2.5f, 20, 90};

  @Test
  void shouldBeXTimesItsSigmoid() {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        EngineScope scope = new EngineScope(manager)) {
      NDArray x = scope.manager().create(NUMBERS, new Shape(NUMBERS.length, 1));

      NDArray values = Silu.of(x);

      assertThat(values.getShape()).isEqualTo(x.getShape());
      assertThat(values.getManager()).isSameAs(x.getManager());
      assertThat(values.hasGradient()).isFalse();
      float[] actual = values.toFloatArray();
      for (int i = 0; i < NUMBERS.length; i++) {
        double expected = NUMBERS[i] * sigmoid(NUMBERS[i]);
        assertThat(actual[i])
            .as("silu(%s)", NUMBERS[i])
            .isCloseTo((float) expected, offset((float) (1e-6 * Math.max(1, Math.abs(expected)))));
      }
    }
  }

  @Test
  void shouldBeDifferentiatedEvenWhereTheCollectorRunsBeforeTheBackwardPass() throws Exception {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        EngineScope scope = new EngineScope(manager)) {
      NDArray leaf = Gradients.leafOf(scope.manager().create(NUMBERS));
      NDArray values = Silu.of(leaf);
      NDArray cotangent = values.onesLike();
      DirectMemory.reclaim();

      float[] actual = Gradients.inLeaf(values, cotangent, leaf).toFloatArray();

      for (int i = 0; i < NUMBERS.length; i++) {
        double s = sigmoid(NUMBERS[i]);
        assertThat(actual[i])
            .as("slope at %s", NUMBERS[i])
            .isCloseTo((float) (s * (1 + NUMBERS[i] * (1 - s))), offset(1e-6f));
      }
    }
  }

  @Test
  void shouldServeThreadsAtOnce() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<float[]>> gradients = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        gradients.add(threads.submit(() -> gradientAfterMany(200)));
      }
      float[] expected = gradientAfterMany(1);
      for (Future<float[]> gradient : gradients) {
        assertThat(gradient.get(60, TimeUnit.SECONDS)).isEqualTo(expected);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static float[] gradientAfterMany(int times) {
    float[] last = {};
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      for (int i = 0; i < times; i++) {
        try (EngineScope scope = new EngineScope(manager)) {
          NDArray leaf = Gradients.leafOf(scope.manager().create(NUMBERS));
          NDArray values = Silu.of(Silu.of(leaf));
          last = Gradients.inLeaf(values, values.onesLike(), leaf).toFloatArray();
        }
      }
    }
    return last;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
