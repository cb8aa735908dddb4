// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Random;
import org.favstream.actors.engine.EngineScope;
import org.favstream.protocol.TensorSpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class MlpTest {
  private static final Mlp MLP = new Mlp("net", 3, List.of(5, 4), 2);

  @SuppressWarnings("NullAway.Init")
  private static NDManager manager;

  @BeforeAll
  static void start() {
    manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
  }

  @AfterAll
  static void stop() {
    manager.close();
  }

  private static double[] normals(int seed, int count) {
    return new Random(seed).doubles(count, -1, 1).toArray();
  }

  /** The network by hand: {@code W x + b}, and {@code x / (1 + exp(-x))} between layers. */
  private static double[] byHand(double[] parameters, double[] input) {
    double[] x = input;
    int next = 0;
    int[] sizes = {5, 4, 2};
    for (int layer = 0; layer < sizes.length; layer++) {
      double[] y = new double[sizes[layer]];
      int bias = next + sizes[layer] * x.length;
      for (int o = 0; o < y.length; o++) {
        y[o] = parameters[bias + o];
        for (int i = 0; i < x.length; i++) {
          y[o] += parameters[next + o * x.length + i] * x[i];
        }
        y[o] = layer == 2 ? y[o] : y[o] / (1 + Math.exp(-y[o]));
      }
      next = bias + sizes[layer];
      x = y;
    }
    return x;
  }

  @Test
  void shouldNameItsTensorsLayerByLayer() {
    assertThat(MLP.layout().tensors())
        .containsExactly(
            TensorSpec.of("net.0.weight", 5, 3),
            TensorSpec.of("net.0.bias", 5),
            TensorSpec.of("net.1.weight", 4, 5),
            TensorSpec.of("net.1.bias", 4),
            TensorSpec.of("net.2.weight", 2, 4),
            TensorSpec.of("net.2.bias", 2));
    assertThat(MLP.layout().length()).isEqualTo(20 + 24 + 10);
  }

  @Test
  void shouldBeTheNetworkByHand() {
    double[] parameters = normals(1, MLP.layout().length());
    double[] input = normals(2, 2 * 3);
    try (EngineScope scope = new EngineScope(manager)) {
      NDArray got =
          MLP.forward(
              scope.manager().create(parameters), scope.manager().create(input, new Shape(2, 3)));
      assertThat(got.getShape()).isEqualTo(new Shape(2, 2));
      for (int row = 0; row < 2; row++) {
        double[] x = {input[3 * row], input[3 * row + 1], input[3 * row + 2]};
        double[] expected = byHand(parameters, x);
        assertThat(got.getDouble(row, 0)).isCloseTo(expected[0], within(1e-12));
        assertThat(got.getDouble(row, 1)).isCloseTo(expected[1], within(1e-12));
      }
    }
  }

  @Test
  void shouldMeetFiniteDifferencesWhenItCarriesATangent() {
    double[] parameters = normals(3, MLP.layout().length());
    double[] input = normals(4, 3);
    double[] tangent = normals(5, 3);
    double step = 1e-5;
    double[] up = new double[3];
    double[] down = new double[3];
    for (int i = 0; i < 3; i++) {
      up[i] = input[i] + step * tangent[i];
      down[i] = input[i] - step * tangent[i];
    }
    try (EngineScope scope = new EngineScope(manager)) {
      NDManager here = scope.manager();
      Shape row = new Shape(1, 3);
      double[] got =
          MLP.derivative(
                  here.create(parameters), here.create(input, row), here.create(tangent, row))
              .toDoubleArray();
      for (int j = 0; j < 2; j++) {
        double difference = byHand(parameters, up)[j] - byHand(parameters, down)[j];
        assertThat(got[j]).isCloseTo(difference / (2 * step), within(1e-9));
      }
    }
  }

  @Test
  void shouldBeginWithThePyTorchVarianceInEachLayer() {
    Mlp wide = new Mlp("wide", 12, List.of(256, 256), 3);
    float[] parameters = wide.initialParameters(9);
    assertThat(parameters).hasSize(wide.layout().length());
    int first = 0;
    int[] fanIns = {12, 12, 256, 256, 256, 256}; // weight and bias by layer
    for (int i = 0; i < fanIns.length; i++) {
      int length = wide.layout().tensors().get(i).length();
      double squares = 0;
      for (int at = first; at < first + length; at++) {
        squares += parameters[at] * parameters[at] / (double) length;
      }
      first += length;
      double variance = 1.0 / (3 * fanIns[i]);
      // Five standard deviations of a variance over so many numbers.
      assertThat(squares).isCloseTo(variance, within(5 * variance * Math.sqrt(2.0 / length)));
    }
    assertThat(wide.initialParameters(9)).containsExactly(parameters);
    assertThat(wide.initialParameters(10)).isNotEqualTo(parameters);
  }
}
