// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdamTest {
  private static final int SIZE = 7;

  private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");

  @AfterEach
  void close() {
    manager.close();
  }

  static Stream<Adam.Settings> settings() {
    return Stream.of(
        Adam.Settings.adam(0),
        Adam.Settings.adam(2), // clips about half of the steps below
        new Adam.Settings(0.9, 0.95, 1e-8, 0.1, 1),
        new Adam.Settings(0.5, 0.9, 0.3, 0.01, 0));
  }

  /** As PyTorch documents AdamW, in float64; with a decay of 0 it is Adam. */
  private static final class Transcription {
    final Adam.Settings settings;
    final double[] parameters;
    final double[] mean = new double[SIZE];
    final double[] square = new double[SIZE];
    int steps;

    Transcription(Adam.Settings settings, float[] initial) {
      this.settings = settings;
      this.parameters = new double[SIZE];
      for (int i = 0; i < SIZE; i++) {
        parameters[i] = initial[i];
      }
    }

    double step(float[] gradient, double rate) {
      double squared = 0;
      for (float g : gradient) {
        squared += (double) g * g;
      }
      double norm = Math.sqrt(squared);
      double scale =
          settings.clipNorm() == 0 ? 1 : Math.min(1, settings.clipNorm() / (norm + 1e-12));
      steps++;
      for (int i = 0; i < SIZE; i++) {
        double g = scale * gradient[i];
        parameters[i] -= rate * settings.weightDecay() * parameters[i];
        mean[i] = settings.beta1() * mean[i] + (1 - settings.beta1()) * g;
        square[i] = settings.beta2() * square[i] + (1 - settings.beta2()) * g * g;
        double correctedMean = mean[i] / (1 - Math.pow(settings.beta1(), steps));
        double correctedSquare = square[i] / (1 - Math.pow(settings.beta2(), steps));
        parameters[i] -= rate * correctedMean / (Math.sqrt(correctedSquare) + settings.epsilon());
      }
      return norm;
    }
  }

  private static float[] gradient(Random random) {
    float size = random.nextFloat() * 2;
    float[] gradient = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      gradient[i] = size * (float) random.nextGaussian();
    }
    return gradient;
  }

  @ParameterizedTest
  @MethodSource("settings")
  void shouldStepAsPyTorchDoesWhenItStepsFiftyTimes(Adam.Settings settings) {
    float[] initial = gradient(new Random(1));
    Transcription expected = new Transcription(settings, initial);
    NDArray parameters = manager.create(initial);
    Random random = new Random(2);
    try (Adam adam = new Adam(manager, SIZE, settings)) {
      for (int step = 0; step < 50; step++) {
        float[] gradient = gradient(random);
        double rate = 0.01 + 0.001 * step;
        double norm = adam.step(parameters, manager.create(gradient), rate);
        assertThat(norm).isCloseTo(expected.step(gradient, rate), within(1e-5));
        float[] got = parameters.toFloatArray();
        for (int i = 0; i < SIZE; i++) {
          assertThat((double) got[i])
              .describedAs("step %d, parameter %d", step, i)
              .isCloseTo(expected.parameters[i], within(1e-5));
        }
      }
      assertThat(adam.state().steps()).isEqualTo(50);
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void shouldChangeNothingWhenTheGradientIsNotFinite(float number) {
    NDArray parameters = manager.create(new float[] {1, 2});
    try (Adam adam = new Adam(manager, 2, new Adam.Settings(0.9, 0.999, 1e-8, 0.1, 1))) {
      adam.step(parameters, manager.create(new float[] {1, -1}), 0.1);
      float[] before = parameters.toFloatArray();
      Adam.State state = adam.state();
      double norm = adam.step(parameters, manager.create(new float[] {1, number}), 0.1);
      assertThat(Double.isFinite(norm)).isFalse();
      assertThat(parameters.toFloatArray()).containsExactly(before);
      assertThat(adam.state().steps()).isEqualTo(state.steps());
      assertThat(adam.state().mean()).containsExactly(state.mean());
      assertThat(adam.state().square()).containsExactly(state.square());
    }
  }

  @Test
  void shouldGoOnToTheSameBitWhenAnotherTakesUpItsState() {
    Adam.Settings settings = new Adam.Settings(0.9, 0.99, 1e-8, 0.01, 1);
    NDArray parameters = manager.create(new float[SIZE]);
    NDArray copy = manager.create(new float[SIZE]);
    Random random = new Random(3);
    try (Adam adam = new Adam(manager, SIZE, settings);
        Adam other = new Adam(manager, SIZE, settings)) {
      for (int step = 0; step < 5; step++) {
        adam.step(parameters, manager.create(gradient(random)), 0.01);
      }
      FlatTensors.write(copy, parameters.toFloatArray());
      Adam.State state = adam.state();
      assertThat(state.steps()).isEqualTo(5);
      assertThat(state.mean()).doesNotContain(0);
      other.restore(state);
      for (int step = 0; step < 5; step++) {
        NDArray gradient = manager.create(gradient(random));
        adam.step(parameters, gradient, 0.01);
        other.step(copy, gradient, 0.01);
      }
      assertThat(copy.toFloatArray()).containsExactly(parameters.toFloatArray());
      assertThat(other.state().steps()).isEqualTo(10);
      assertThat(other.state().mean()).containsExactly(adam.state().mean());
      assertThat(other.state().square()).containsExactly(adam.state().square());
      assertThat(state.mean()).isNotEqualTo(adam.state().mean()); // a copy
    }
  }

  @Test
  void shouldRefuseAStateWhenItIsOfAnotherSize() {
    try (Adam adam = new Adam(manager, 3, Adam.Settings.adam(1))) {
      assertThatThrownBy(() -> adam.restore(new Adam.State(1, new float[2], new float[2])))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("moments of 2 parameters for an optimiser of 3");
      assertThatThrownBy(() -> adam.restore(new Adam.State(1, new float[3], new float[2])))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(adam.state().steps()).isZero();
    }
  }

  @Test
  void shouldHaveStepsThatOutliveTheScopeTheyWereTakenIn() {
    NDArray parameters = manager.create(new float[] {1, 1});
    try (Adam adam = new Adam(manager, 2, Adam.Settings.adam(0))) {
      for (int step = 0; step < 3; step++) {
        try (EngineScope scope = new EngineScope(manager)) {
          adam.step(parameters, scope.manager().create(new float[] {1, -1}), 0.1);
        }
      }
      assertThat(adam.state().steps()).isEqualTo(3);
      assertThat(parameters.toFloatArray())
          .containsExactly(new float[] {0.7f, 1.3f}, within(1e-5f));
    }
  }
}
