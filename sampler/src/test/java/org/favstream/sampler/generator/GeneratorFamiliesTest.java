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
import java.util.Optional;
import java.util.stream.Stream;
import org.favstream.actors.engine.EngineScope;
import org.favstream.actors.engine.Gradients;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.Noise;
import org.favstream.sampler.generator.GeneratorSettings.Family;
import org.favstream.sampler.noise.NoiseSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for a generator of any family, with and without contexts. */
class GeneratorFamiliesTest {
  private static final List<Integer> HIDDEN = List.of(9, 7);

  static Stream<GeneratorSettings> settings() {
    return Stream.of(
        new GeneratorSettings(Family.VAE, 8, 0, 2, HIDDEN, 1),
        new GeneratorSettings(Family.VAE, 8, 3, 2, HIDDEN, 1),
        new GeneratorSettings(Family.DRIFT, 32, 0, 2, HIDDEN, 1),
        new GeneratorSettings(Family.DRIFT, 5, 3, 4, HIDDEN, 1),
        new GeneratorSettings(Family.MEANFLOW, 2, 0, 2, HIDDEN, 1),
        new GeneratorSettings(Family.MEANFLOW, 2, 0, 2, HIDDEN, 4),
        new GeneratorSettings(Family.MEANFLOW, 4, 3, 4, HIDDEN, 16),
        new GeneratorSettings(Family.POLICY, 2, 3, 2, HIDDEN, 1));
  }

  private static float[] normals(long counter, int count) {
    return NoiseSource.normals(new Noise(31, counter), count);
  }

  private static Weights weights(Generator generator, long seed) throws WeightsException {
    return new Weights(generator.layout().tensors(), generator.initialParameters(seed));
  }

  private static LoadedGenerator loaded(Generator generator) throws WeightsException {
    return new LoadedGenerator(generator, weights(generator, 1), Device.cpu());
  }

  @ParameterizedTest
  @MethodSource("settings")
  void shouldHaveTheSizesOfItsSettings(GeneratorSettings settings) throws Exception {
    Generator generator = settings.create();
    assertThat(generator.noiseSize()).isEqualTo(settings.noiseSize());
    assertThat(generator.contextSize()).isEqualTo(settings.contextSize());
    assertThat(generator.sampleSize()).isEqualTo(settings.sampleSize());
    try (LoadedGenerator loaded = loaded(generator)) {
      float[] samples =
          loaded.sample(
              normals(0, 6 * settings.noiseSize()), normals(1, 6 * settings.contextSize()));
      assertThat(samples).hasSize(6 * settings.sampleSize());
      for (float number : samples) {
        assertThat(Float.isFinite(number)).isTrue();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("settings")
  void shouldGiveTheSameSamplesWhenWeightsNoiseAndContextsAre(GeneratorSettings settings)
      throws Exception {
    float[] noise = normals(2, 6 * settings.noiseSize());
    float[] contexts = normals(3, 6 * settings.contextSize());
    try (LoadedGenerator one = loaded(settings.create());
        LoadedGenerator other = loaded(settings.create())) {
      float[] samples = one.sample(noise, contexts);
      assertThat(one.sample(noise, contexts)).containsExactly(samples);
      assertThat(other.sample(noise, contexts)).containsExactly(samples);
      other.swap(weights(settings.create(), 2));
      assertThat(other.sample(noise, contexts)).isNotEqualTo(samples);
    }
  }

  @ParameterizedTest
  @MethodSource("settings")
  void shouldMakeEachRowOfItsOwnNoiseAndContextAlone(GeneratorSettings settings) throws Exception {
    int z = settings.noiseSize();
    int c = settings.contextSize();
    int d = settings.sampleSize();
    float[] noise = normals(4, 3 * z);
    float[] contexts = normals(5, 3 * c);
    try (LoadedGenerator loaded = loaded(settings.create())) {
      float[] together = loaded.sample(noise, contexts);
      for (int row = 0; row < 3; row++) {
        float[] alone =
            loaded.sample(
                Arrays.copyOfRange(noise, row * z, (row + 1) * z),
                Arrays.copyOfRange(contexts, row * c, (row + 1) * c));
        assertThat(alone)
            .containsExactly(Arrays.copyOfRange(together, row * d, (row + 1) * d), within(1e-5f));
      }
      noise[0] += 1;
      assertOnlyFirstRowDiffers(together, loaded.sample(noise, contexts), d);
      noise[0] -= 1;
      if (c > 0) {
        contexts[c - 1] += 1;
        assertOnlyFirstRowDiffers(together, loaded.sample(noise, contexts), d);
      }
    }
  }

  private static void assertOnlyFirstRowDiffers(float[] before, float[] after, int d) {
    double moved = 0;
    for (int i = 0; i < d; i++) {
      moved += Math.abs(after[i] - before[i]);
    }
    assertThat(moved).isGreaterThan(1e-3);
    assertThat(Arrays.copyOfRange(after, d, after.length))
        .containsExactly(Arrays.copyOfRange(before, d, before.length), within(1e-5f));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void shouldDifferentiateInItsWeights(GeneratorSettings settings) {
    Generator generator = settings.create();
    int rows = 3;
    float[] noise = normals(6, rows * settings.noiseSize());
    float[] contexts = normals(7, rows * settings.contextSize());
    float[] cotangent = normals(8, rows * settings.sampleSize());
    double[] parameters = wide(generator.initialParameters(3));
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      double[] gradient;
      try (EngineScope scope = new EngineScope(manager)) {
        NDManager here = scope.manager();
        NDArray leaf = Gradients.leafOf(here.create(parameters));
        NDArray output = forward(generator, leaf, here, noise, contexts);
        NDArray weights = here.create(wide(cotangent), output.getShape());
        gradient = Gradients.inLeaf(output, weights, leaf).toDoubleArray();
      }
      double step = 1e-5;
      for (int i = 0; i < parameters.length; i += 11) {
        double[] up = parameters.clone();
        double[] down = parameters.clone();
        up[i] += step;
        down[i] -= step;
        double difference =
            weighted(manager, generator, up, noise, contexts, cotangent)
                - weighted(manager, generator, down, noise, contexts, cotangent);
        assertThat(gradient[i]).isCloseTo(difference / (2 * step), within(1e-6));
      }
    }
  }

  private static NDArray forward(
      Generator generator, NDArray parameters, NDManager here, float[] noise, float[] contexts) {
    int rows = noise.length / generator.noiseSize();
    Optional<NDArray> c =
        generator.contextSize() == 0
            ? Optional.empty()
            : Optional.of(here.create(wide(contexts), new Shape(rows, generator.contextSize())));
    NDArray z = here.create(wide(noise), new Shape(rows, generator.noiseSize()));
    return generator.forward(parameters, z, c);
  }

  private static double weighted(
      NDManager manager,
      Generator generator,
      double[] parameters,
      float[] noise,
      float[] contexts,
      float[] cotangent) {
    try (EngineScope scope = new EngineScope(manager)) {
      NDManager here = scope.manager();
      double[] output =
          forward(generator, here.create(parameters), here, noise, contexts).toDoubleArray();
      double sum = 0;
      for (int i = 0; i < output.length; i++) {
        sum += output[i] * cotangent[i];
      }
      return sum;
    }
  }

  private static double[] wide(float[] numbers) {
    double[] wide = new double[numbers.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = numbers[i];
    }
    return wide;
  }

  @Test
  void shouldSampleAllRowsWhenTheyAreMoreThanOnePassTakes() throws Exception {
    Generator generator = new GeneratorSettings(Family.VAE, 2, 1, 3, List.of(4), 1).create();
    int rows = 2 * 8192 + 5;
    float[] noise = normals(9, rows * 2);
    float[] contexts = normals(10, rows);
    try (LoadedGenerator loaded = loaded(generator)) {
      float[] all = loaded.sample(noise, contexts);
      assertThat(all).hasSize(rows * 3);
      for (int row : new int[] {0, 8191, 8192, 16383, 16384, rows - 1}) {
        float[] alone =
            loaded.sample(
                Arrays.copyOfRange(noise, 2 * row, 2 * row + 2), new float[] {contexts[row]});
        assertThat(alone)
            .containsExactly(Arrays.copyOfRange(all, 3 * row, 3 * row + 3), within(1e-5f));
      }
    }
  }

  @Test
  void shouldRefuseWeightsByNameWhenTheyAreAnotherGenerators() throws Exception {
    Generator vae = new GeneratorSettings(Family.VAE, 8, 0, 2, HIDDEN, 1).create();
    Generator drift = new GeneratorSettings(Family.DRIFT, 32, 0, 2, HIDDEN, 1).create();
    Generator flow = new GeneratorSettings(Family.MEANFLOW, 2, 0, 2, HIDDEN, 1).create();
    assertThatThrownBy(() -> new LoadedGenerator(flow, weights(vae, 1), Device.cpu()))
        .isInstanceOf(WeightsException.class)
        .hasMessage(
            "weights of another generator: tensor 0 is decoder.0.weight[9, 8], expected flow.0.weight[9, 4]");
    float[] noise = normals(11, 8);
    try (LoadedGenerator loaded = loaded(vae)) {
      float[] before = loaded.sample(noise, new float[0]);
      assertThatThrownBy(() -> loaded.swap(weights(drift, 1)))
          .isInstanceOf(WeightsException.class)
          .hasMessage(
              "weights of another generator: tensor 0 is decoder.0.weight[9, 32], expected decoder.0.weight[9, 8]");
      assertThat(loaded.sample(noise, new float[0])).containsExactly(before);
    }
  }

  @Test
  void shouldTakeTheSameWeightsWhenOnlyTheNumberOfStepsDiffers() throws Exception {
    Generator one = new GeneratorSettings(Family.MEANFLOW, 2, 0, 2, HIDDEN, 1).create();
    Generator four = new GeneratorSettings(Family.MEANFLOW, 2, 0, 2, HIDDEN, 4).create();
    float[] noise = normals(12, 2);
    try (LoadedGenerator short1 = loaded(one);
        LoadedGenerator long4 = new LoadedGenerator(four, weights(one, 1), Device.cpu())) {
      assertThat(long4.sample(noise, new float[0]))
          .isNotEqualTo(short1.sample(noise, new float[0]));
    }
  }

  @Test
  void shouldGiveAPolicysNumbersBeforeTheyAreClipped() throws Exception {
    Generator policy = new GeneratorSettings(Family.POLICY, 2, 1, 2, HIDDEN, 1).create();
    float[] parameters = policy.initialParameters(1);
    Arrays.fill(parameters, parameters.length - 2, parameters.length, 50); // the output's bias
    Weights far = new Weights(policy.layout().tensors(), parameters);
    try (LoadedGenerator loaded = new LoadedGenerator(policy, far, Device.cpu());
        NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      float[] particles = loaded.sample(normals(13, 2), normals(14, 1));
      assertThat(particles[0]).isGreaterThan(40);
      assertThat(PolicyGenerator.actions(manager.create(particles)).toFloatArray())
          .containsExactly(1, 1);
    }
  }
}
