// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.favstream.actors.engine.EngineScope;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MeanFlowGeneratorTest {
  private static final int ROWS = 4;
  private static final int D = 2;
  private static final int C = 3;

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

  private static double[] uniform(int seed, int count, double low, double high) {
    return new Random(seed).doubles(count, low, high).toArray();
  }

  private static double[] parameters(MeanFlowGenerator generator) {
    return uniform(1, generator.layout().length(), -1, 1);
  }

  private static double[] velocity(
      MeanFlowGenerator generator, double[] x, double[] t, double[] span, double[] c) {
    try (EngineScope scope = new EngineScope(manager)) {
      NDManager here = scope.manager();
      return generator
          .averageVelocity(
              here.create(parameters(generator)),
              here.create(x, new Shape(ROWS, D)),
              here.create(t, new Shape(ROWS, 1)),
              here.create(span, new Shape(ROWS, 1)),
              c.length == 0 ? Optional.empty() : Optional.of(here.create(c, new Shape(ROWS, C))))
          .toDoubleArray();
    }
  }

  private static double[] constant(double value) {
    double[] all = new double[ROWS];
    Arrays.fill(all, value);
    return all;
  }

  private static void assertClose(double[] actual, double[] expected, double tolerance) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      assertThat(actual[i]).describedAs("number %d", i).isCloseTo(expected[i], within(tolerance));
    }
  }

  /** {@code x_r = x_t - (t - r) u(x_t, r, t)}, from noise at 1 to data at 0. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void shouldStepByTheEquationFromNoiseToData(int steps) {
    MeanFlowGenerator generator = new MeanFlowGenerator(C, D, List.of(6, 5), steps);
    double[] noise = uniform(2, ROWS * D, -2, 2);
    double[] c = uniform(3, ROWS * C, -1, 1);
    double[] x = noise.clone();
    for (int step = 0; step < steps; step++) {
      double length = 1.0 / steps;
      double[] u = velocity(generator, x, constant(1 - step * length), constant(length), c);
      for (int i = 0; i < x.length; i++) {
        x[i] -= length * u[i];
      }
    }
    try (EngineScope scope = new EngineScope(manager)) {
      NDManager here = scope.manager();
      NDArray got =
          generator.forward(
              here.create(parameters(generator)),
              here.create(noise, new Shape(ROWS, D)),
              Optional.of(here.create(c, new Shape(ROWS, C))));
      assertThat(got.getShape()).isEqualTo(new Shape(ROWS, D));
      assertClose(got.toDoubleArray(), x, 1e-6);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldMeetFiniteDifferencesWhenTheVelocityIsDerivedInTime(boolean conditional) {
    MeanFlowGenerator generator = new MeanFlowGenerator(conditional ? C : 0, D, List.of(6, 5), 1);
    double[] x = uniform(4, ROWS * D, -2, 2);
    double[] v = uniform(5, ROWS * D, -2, 2);
    double[] t = uniform(6, ROWS, 0.5, 1);
    double[] span = uniform(7, ROWS, 0.1, 0.5);
    double[] c = conditional ? uniform(8, ROWS * C, -1, 1) : new double[0];
    double step = 1e-5;
    // Along (v, 0, 1) in (x, r, t): r stands still, so t - r grows with t.
    double[] up =
        velocity(
            generator,
            moved(x, v, step),
            moved(t, constant(1), step),
            moved(span, constant(1), step),
            c);
    double[] down =
        velocity(
            generator,
            moved(x, v, -step),
            moved(t, constant(1), -step),
            moved(span, constant(1), -step),
            c);
    double[] expected = new double[up.length];
    for (int i = 0; i < up.length; i++) {
      expected[i] = (up[i] - down[i]) / (2 * step);
    }
    try (EngineScope scope = new EngineScope(manager)) {
      NDManager here = scope.manager();
      NDArray got =
          generator.averageVelocityInTime(
              here.create(parameters(generator)),
              here.create(x, new Shape(ROWS, D)),
              here.create(t, new Shape(ROWS, 1)),
              here.create(span, new Shape(ROWS, 1)),
              here.create(v, new Shape(ROWS, D)),
              conditional ? Optional.of(here.create(c, new Shape(ROWS, C))) : Optional.empty());
      assertClose(got.toDoubleArray(), expected, 1e-8);
    }
  }

  private static double[] moved(double[] from, double[] along, double step) {
    double[] to = from.clone();
    for (int i = 0; i < to.length; i++) {
      to[i] += step * along[i];
    }
    return to;
  }

  @Test
  void shouldTellTimeAndSpanApart() {
    MeanFlowGenerator generator = new MeanFlowGenerator(0, D, List.of(6), 1);
    double[] x = uniform(9, ROWS * D, -1, 1);
    double[] none = {};
    double[] u = velocity(generator, x, constant(0.8), constant(0.3), none);
    assertThat(velocity(generator, x, constant(0.3), constant(0.8), none)).isNotEqualTo(u);
  }
}
