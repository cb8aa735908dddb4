// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.favstream.actors.engine.EngineScope;
import org.favstream.protocol.TensorSpec;
import org.favstream.sampler.generator.Mlp.Between;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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

  /** {@code W x + b}, then GELU by a sum of the error function's series, then the norm by hand. */
  private static double[] normalisedByHand(double[] parameters, double[] input, boolean norm) {
    double[] hidden = new double[4];
    for (int o = 0; o < 4; o++) {
      double y = parameters[12 + o];
      for (int i = 0; i < 3; i++) {
        y += parameters[3 * o + i] * input[i];
      }
      hidden[o] = y * 0.5 * (1 + erf(y / Math.sqrt(2)));
    }
    int next = 16;
    if (norm) {
      double mean = Arrays.stream(hidden).average().orElseThrow();
      double variance =
          Arrays.stream(hidden).map(h -> (h - mean) * (h - mean)).average().orElseThrow();
      for (int o = 0; o < 4; o++) {
        hidden[o] =
            (hidden[o] - mean) / Math.sqrt(variance + 1e-6) * parameters[16 + o]
                + parameters[20 + o];
      }
      next = 24;
    }
    double[] out = new double[2];
    for (int o = 0; o < 2; o++) {
      out[o] = parameters[next + 8 + o];
      for (int i = 0; i < 4; i++) {
        out[o] += parameters[next + 4 * o + i] * hidden[i];
      }
    }
    return out;
  }

  private static double erf(double x) {
    double sum = 0;
    double term = x;
    for (int n = 0; n < 60; n++) {
      sum += term / (2 * n + 1);
      term *= -x * x / (n + 1);
    }
    return 2 / Math.sqrt(Math.PI) * sum;
  }

  @ParameterizedTest
  @EnumSource(
      value = Between.class,
      names = {"GELU", "GELU_NORM"})
  void shouldBeTheNetworkByHandWithGelu(Between between) {
    Mlp mlp = new Mlp("net", 3, List.of(4), 2, between);
    double[] parameters = normals(6, mlp.layout().length());
    double[] input = normals(7, 3);
    try (EngineScope scope = new EngineScope(manager)) {
      double[] got =
          mlp.forward(
                  scope.manager().create(parameters),
                  scope.manager().create(input, new Shape(1, 3)))
              .toDoubleArray();
      assertThat(got)
          .containsExactly(
              normalisedByHand(parameters, input, between == Between.GELU_NORM), within(1e-9));
    }
  }

  @Test
  void shouldNameGainAndShiftWithTheLayerTheyNormalise() {
    Mlp mlp = new Mlp("net", 3, List.of(4), 2, Between.GELU_NORM);
    assertThat(mlp.layout().tensors())
        .containsExactly(
            TensorSpec.of("net.0.weight", 4, 3),
            TensorSpec.of("net.0.bias", 4),
            TensorSpec.of("net.0.norm.weight", 4),
            TensorSpec.of("net.0.norm.bias", 4),
            TensorSpec.of("net.1.weight", 2, 4),
            TensorSpec.of("net.1.bias", 2));
    float[] parameters = mlp.initialParameters(1);
    assertThat(Arrays.copyOfRange(parameters, 16, 24)).containsExactly(1, 1, 1, 1, 0, 0, 0, 0);
    assertThat(parameters[24]).isNotZero();
  }

  @Test
  void shouldRefuseToCarryATangentThroughAnythingButSilu() {
    Mlp gelu = new Mlp("net", 3, List.of(4), 2, Between.GELU);
    try (EngineScope scope = new EngineScope(manager)) {
      NDArray any = scope.manager().ones(new Shape(1, 3));
      assertThatThrownBy(() -> gelu.derivative(any, any, any))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("a tangent is carried through SiLU, not through GELU");
    }
  }
}
