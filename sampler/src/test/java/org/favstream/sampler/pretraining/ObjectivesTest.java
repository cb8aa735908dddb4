// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.pretraining;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.favstream.actors.engine.EngineScope;
import org.favstream.actors.engine.Gradients;
import org.favstream.protocol.Noise;
import org.favstream.sampler.generator.GeneratorSettings;
import org.favstream.sampler.generator.GeneratorSettings.Family;
import org.favstream.sampler.generator.MeanFlowGenerator;
import org.favstream.sampler.generator.Mlp;
import org.favstream.sampler.noise.NoiseSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The losses against their formulas, in float64. */
class ObjectivesTest {
  private static final int SIZE = 6;
  private static final int D = 2;
  private static final Noise DRAW = new Noise(8, 1);
  private static final double STEP = 1e-5;

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

  private static double[] uniform(int seed, int count) {
    return new Random(seed).doubles(count, -1, 1).toArray();
  }

  private static final double[] DATA = uniform(1, SIZE * D);

  /** A drifting model takes its noise as it is, in float32, and so its parameters. */
  private static DataType type(Objective objective) {
    return objective instanceof DriftObjective ? DataType.FLOAT32 : DataType.FLOAT64;
  }

  private static double loss(Objective objective, double[] parameters) {
    try (EngineScope scope = new EngineScope(manager)) {
      NDManager here = scope.manager();
      return wide(
          objective.loss(
              here.create(parameters).toType(type(objective), false), step(here, objective)))[0];
    }
  }

  private static Objective.Step step(NDManager here, Objective objective) {
    return new Objective.Step(
        here,
        here.create(DATA, new Shape(SIZE, D)).toType(type(objective), false),
        Optional.empty(),
        DRAW);
  }

  private static double[] gradient(Objective objective, double[] parameters) {
    try (EngineScope scope = new EngineScope(manager)) {
      NDManager here = scope.manager();
      NDArray leaf = Gradients.leafOf(here.create(parameters).toType(type(objective), false));
      NDArray loss = objective.loss(leaf, step(here, objective));
      return wide(Gradients.inLeaf(loss, loss.onesLike(), leaf));
    }
  }

  private static double[] wide(NDArray numbers) {
    return numbers.toType(DataType.FLOAT64, false).toDoubleArray();
  }

  private static double[] moved(double[] from, int at, double by) {
    double[] to = from.clone();
    to[at] += by;
    return to;
  }

  @Test
  void shouldBeReconstructionAndDivergenceWhenItIsAnAutoEncoder() {
    GeneratorSettings settings = new GeneratorSettings(Family.VAE, 3, 0, D, List.of(5), 1);
    VaeObjective objective = new VaeObjective(settings.create(), settings.hidden());
    int length = objective.initialParameters(1).length;
    double[] parameters = uniform(2, length);
    Mlp encoder = new Mlp("encoder", D, List.of(5), 6);
    int cut = settings.create().layout().length();
    assertThat(length).isEqualTo(cut + encoder.layout().length());
    double expected = 0;
    float[] noise = NoiseSource.normals(DRAW, SIZE * 3);
    try (EngineScope scope = new EngineScope(manager)) {
      NDManager here = scope.manager();
      NDArray all = here.create(parameters);
      double[] code =
          encoder
              .forward(all.get(cut + ":"), here.create(DATA, new Shape(SIZE, D)))
              .toDoubleArray();
      double[] latent = new double[SIZE * 3];
      for (int i = 0; i < SIZE; i++) {
        for (int j = 0; j < 3; j++) {
          double mean = code[6 * i + j];
          double logVariance = code[6 * i + 3 + j];
          latent[3 * i + j] = mean + Math.exp(logVariance / 2) * noise[3 * i + j];
          expected += 0.02 * 0.5 * (mean * mean + Math.exp(logVariance) - logVariance - 1);
        }
      }
      double[] decoded =
          settings
              .create()
              .forward(
                  all.get(":" + cut), here.create(latent, new Shape(SIZE, 3)), Optional.empty())
              .toDoubleArray();
      for (int i = 0; i < decoded.length; i++) {
        expected += 0.5 * (decoded[i] - DATA[i]) * (decoded[i] - DATA[i]);
      }
    }
    assertThat(loss(objective, parameters)).isCloseTo(expected / SIZE, within(1e-6));
  }

  @Test
  void shouldMeetFiniteDifferencesWhenTheAutoEncoderIsDifferentiated() {
    GeneratorSettings settings = new GeneratorSettings(Family.VAE, 3, 0, D, List.of(5), 1);
    VaeObjective objective = new VaeObjective(settings.create(), settings.hidden());
    double[] parameters = uniform(2, objective.initialParameters(1).length);
    double[] gradient = gradient(objective, parameters);
    for (int i = 0; i < parameters.length; i += 3) {
      double difference =
          loss(objective, moved(parameters, i, STEP))
              - loss(objective, moved(parameters, i, -STEP));
      assertThat(gradient[i]).isCloseTo(difference / (2 * STEP), within(1e-6));
    }
  }

  private static MeanFlowGenerator flow() {
    return new GeneratorSettings(Family.MEANFLOW, D, 0, D, List.of(7), 1).meanFlow();
  }

  /** Noise, {@code t} and {@code t - r} of the step's draw, as the objective takes them. */
  private static double[][] drawn() {
    float[] normals = NoiseSource.normals(DRAW, SIZE * (D + 2));
    double[][] drawn = {new double[SIZE * D], new double[SIZE], new double[SIZE]};
    for (int i = 0; i < SIZE * D; i++) {
      drawn[0][i] = normals[i];
    }
    for (int i = 0; i < SIZE; i++) {
      double one = 1 / (1 + Math.exp(0.4 - normals[SIZE * D + 2 * i]));
      double other = 1 / (1 + Math.exp(0.4 - normals[SIZE * D + 2 * i + 1]));
      drawn[1][i] = i < SIZE / 2 ? one : Math.max(one, other);
      drawn[2][i] = i < SIZE / 2 ? 0 : Math.abs(one - other);
    }
    return drawn;
  }

  /** {@code u} at {@code h} along {@code (v, 0, 1)} from each {@code (x_t, r, t)}. */
  private static double[] velocity(double[] parameters, double h) {
    double[][] drawn = drawn();
    double[] x = new double[SIZE * D];
    double[] t = new double[SIZE];
    double[] span = new double[SIZE];
    for (int i = 0; i < SIZE; i++) {
      t[i] = drawn[1][i] + h;
      span[i] = drawn[2][i] + h;
      for (int j = 0; j < D; j++) {
        int at = i * D + j;
        x[at] = (1 - t[i]) * DATA[at] + t[i] * drawn[0][at];
      }
    }
    try (EngineScope scope = new EngineScope(manager)) {
      NDManager here = scope.manager();
      return flow()
          .averageVelocity(
              here.create(parameters),
              here.create(x, new Shape(SIZE, D)),
              here.create(t, new Shape(SIZE, 1)),
              here.create(span, new Shape(SIZE, 1)),
              Optional.empty())
          .toDoubleArray();
    }
  }

  /** {@code v - (t - r) du/dt}, the derivative by differences. */
  private static double[] target(double[] parameters) {
    double[][] drawn = drawn();
    double[] up = velocity(parameters, STEP);
    double[] down = velocity(parameters, -STEP);
    double[] target = new double[SIZE * D];
    for (int i = 0; i < target.length; i++) {
      double v = drawn[0][i] - DATA[i];
      target[i] = v - drawn[2][i / D] * (up[i] - down[i]) / (2 * STEP);
    }
    return target;
  }

  private static double squared(double[] parameters, double[] target) {
    double[] u = velocity(parameters, 0);
    double sum = 0;
    for (int i = 0; i < u.length; i++) {
      sum += (u[i] - target[i]) * (u[i] - target[i]) / SIZE;
    }
    return sum;
  }

  @Test
  void shouldBeTheDistanceToTheTargetOverItselfWhenItIsAMeanFlow() {
    double[] parameters = uniform(3, flow().layout().length());
    double squared = squared(parameters, target(parameters));
    assertThat(loss(new MeanFlowObjective(flow()), parameters))
        .isCloseTo(squared / (squared + 0.01), within(1e-7));
  }

  /** The target and the weight stand still: they are not differentiated. */
  @Test
  void shouldPullTowardAFixedTargetWhenItIsAMeanFlow() {
    double[] parameters = uniform(3, flow().layout().length());
    double[] target = target(parameters);
    double weight = 1 / (squared(parameters, target) + 0.01);
    double[] gradient = gradient(new MeanFlowObjective(flow()), parameters);
    for (int i = 0; i < parameters.length; i++) {
      double difference =
          squared(moved(parameters, i, STEP), target)
              - squared(moved(parameters, i, -STEP), target);
      assertThat(gradient[i]).isCloseTo(weight * difference / (2 * STEP), within(1e-6));
    }
  }

  /** {@code V} as its formula has it, one number after the other. */
  private static double[] driftByHand(double[] generated, double[] data) {
    int n = generated.length / D;
    int m = data.length / D;
    double[][] k = new double[n][n + m];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n + m; j++) {
        double squared = 0;
        for (int axis = 0; axis < D; axis++) {
          double y = j < n ? generated[j * D + axis] : data[(j - n) * D + axis];
          squared += (generated[i * D + axis] - y) * (generated[i * D + axis] - y);
        }
        k[i][j] = i == j ? 0 : Math.exp(-Math.sqrt(squared) / 0.15);
      }
    }
    double[] rows = new double[n];
    double[] columns = new double[n + m];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n + m; j++) {
        rows[i] += k[i][j];
        columns[j] += k[i][j];
      }
    }
    double[] drift = new double[generated.length];
    for (int i = 0; i < n; i++) {
      double massGenerated = 0;
      double massData = 0;
      for (int j = 0; j < n + m; j++) {
        k[i][j] /= Math.sqrt(rows[i] * columns[j]);
        massGenerated += j < n ? k[i][j] : 0;
        massData += j < n ? 0 : k[i][j];
      }
      for (int axis = 0; axis < D; axis++) {
        for (int j = 0; j < n; j++) {
          drift[i * D + axis] -= k[i][j] * massData * generated[j * D + axis];
        }
        for (int j = n; j < n + m; j++) {
          drift[i * D + axis] += k[i][j] * massGenerated * data[(j - n) * D + axis];
        }
      }
    }
    return drift;
  }

  @Test
  void shouldDriftByTheFormulaWhenItIsADriftingModel() {
    double[] generated = uniform(4, 5 * D);
    double[] expected = driftByHand(generated, DATA);
    try (EngineScope scope = new EngineScope(manager)) {
      NDManager here = scope.manager();
      double[] drift =
          DriftObjective.drift(
                  here.create(generated, new Shape(5, D)),
                  here.create(DATA, new Shape(SIZE, D)),
                  Optional.empty())
              .toDoubleArray();
      for (int i = 0; i < drift.length; i++) {
        assertThat(drift[i]).isCloseTo(expected[i], within(1e-6));
      }
    }
  }

  @Test
  void shouldDriftToDataOfContextsLikeItsOwnWhenItIsConditional() {
    double[] generated = {0, 0, 0, 0};
    double[] data = {0.2, 0, 0, 0.2};
    try (EngineScope scope = new EngineScope(manager)) {
      NDManager here = scope.manager();
      double[] drift =
          DriftObjective.drift(
                  here.create(generated, new Shape(2, 2)),
                  here.create(data, new Shape(2, 2)),
                  Optional.of(here.create(new double[] {0, 1}, new Shape(2, 1))))
              .toDoubleArray();
      assertThat(drift[0]).isGreaterThan(10 * Math.abs(drift[1]));
      assertThat(drift[3]).isGreaterThan(10 * Math.abs(drift[2]));
    }
  }

  /** Of {@code mean ‖x - stopgrad(x + V)‖²} the value is {@code mean V²}, the slope that of -V. */
  @Test
  void shouldPullSamplesAlongTheirDriftWhenItIsADriftingModel() {
    GeneratorSettings settings = new GeneratorSettings(Family.DRIFT, 3, 0, D, List.of(5), 1);
    DriftObjective objective = new DriftObjective(settings.create());
    double[] parameters = uniform(5, settings.create().layout().length());
    double[] fixed = generated(settings, parameters);
    double[] drift = driftByHand(fixed, DATA);
    double value = 0;
    for (double v : drift) {
      value += v * v / drift.length;
    }
    assertThat(loss(objective, parameters)).isCloseTo(value, within(1e-5));
    double[] gradient = gradient(objective, parameters);
    for (int i = 0; i < parameters.length; i++) {
      double[] up = generated(settings, moved(parameters, i, STEP));
      double[] down = generated(settings, moved(parameters, i, -STEP));
      double expected = 0;
      for (int j = 0; j < drift.length; j++) {
        expected -= 2 * drift[j] * (up[j] - down[j]) / (2 * STEP) / drift.length;
      }
      assertThat(gradient[i]).isCloseTo(expected, within(1e-5));
    }
  }

  private static double[] generated(GeneratorSettings settings, double[] parameters) {
    float[] noise = NoiseSource.normals(DRAW, SIZE * 3);
    try (EngineScope scope = new EngineScope(manager)) {
      NDManager here = scope.manager();
      return settings
          .create()
          .forward(
              here.create(parameters),
              here.create(noise, new Shape(SIZE, 3)).toType(DataType.FLOAT64, false),
              Optional.empty())
          .toDoubleArray();
    }
  }
}
