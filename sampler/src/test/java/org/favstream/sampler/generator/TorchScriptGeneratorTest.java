// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.favstream.actors.engine.EngineScope;
import org.favstream.actors.engine.TorchScriptSource;
import org.favstream.actors.weights.Safetensors;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.Noise;
import org.favstream.protocol.TensorSpec;
import org.favstream.sampler.generator.GeneratorSettings.Family;
import org.favstream.sampler.generator.GeneratorSettings.Modules;
import org.favstream.sampler.noise.NoiseSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With the modules that {@code make_modules.py}, of module actors' tests, makes. */
class TorchScriptGeneratorTest {
  private static final int NOISE = 3;
  private static final int ROWS = 6;
  private static final List<Integer> HIDDEN = List.of(5, 4);

  @TempDir private Path folder;

  static TorchScriptSource source(String name) {
    Path file = Path.of("src/test/resources/torchscript", name + ".pt");
    return TorchScriptSource.file(file, TorchScriptSource.digestOf(file), 1 << 20);
  }

  /** The module whose context has this many numbers, and the family that computes the same. */
  private static Generator script(int contextSize) {
    String name = contextSize == 0 ? "decoder" : "conditional";
    Modules modules = new Modules(source(name), Optional.empty());
    return new GeneratorSettings(
            Family.TORCHSCRIPT, NOISE, contextSize, 2, HIDDEN, 1, Optional.of(modules))
        .create();
  }

  private static Generator twin(int contextSize) {
    return new GeneratorSettings(Family.VAE, NOISE, contextSize, 2, HIDDEN, 1).create();
  }

  private static float[] normals(long counter, int count) {
    return NoiseSource.normals(new Noise(41, counter), count);
  }

  private static Weights other(Generator generator, long seed) throws WeightsException {
    return new Weights(
        generator.layout().tensors(),
        NoiseSource.normals(new Noise(seed, 0), generator.layout().length()));
  }

  private static Weights own(Generator generator) throws WeightsException {
    return new Weights(generator.layout().tensors(), generator.initialParameters(1));
  }

  private static LoadedGenerator loaded(Generator generator, Weights weights)
      throws WeightsException {
    return new LoadedGenerator(generator, weights, Device.cpu());
  }

  @Test
  void shouldHaveTheModulesNamesAndNumbers() throws WeightsException {
    Generator generator = script(0);
    assertThat(generator.layout().tensors())
        .containsExactly(
            TensorSpec.of("net.0.weight", 5, 3),
            TensorSpec.of("net.0.bias", 5),
            TensorSpec.of("net.2.weight", 4, 5),
            TensorSpec.of("net.2.bias", 4),
            TensorSpec.of("net.4.weight", 2, 4),
            TensorSpec.of("net.4.bias", 2));
    assertThat(own(generator).values()).doesNotContain(0f);
    assertThat(generator.initialParameters(1)).isEqualTo(generator.initialParameters(2));
    assertThat(generator.sampleSize()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void shouldMakeTheSamplesOfAnMlpOfTheSameWeightsAlsoAfterASwap(int contextSize)
      throws WeightsException {
    Generator script = script(contextSize);
    Generator twin = twin(contextSize);
    float[] noise = normals(0, ROWS * NOISE);
    float[] contexts = normals(1, ROWS * contextSize);
    Weights first = own(script);
    Weights second = other(script, 5);
    try (LoadedGenerator one = loaded(script, first);
        LoadedGenerator still = loaded(script, first);
        LoadedGenerator same = loaded(twin, new Weights(twin.layout().tensors(), first.values()))) {
      float[] before = same.sample(noise, contexts);
      assertThat(one.sample(noise, contexts)).containsExactly(before, within(1e-6f));
      one.swap(second);
      same.swap(new Weights(twin.layout().tensors(), second.values()));
      float[] after = same.sample(noise, contexts);
      assertThat(one.sample(noise, contexts))
          .containsExactly(after, within(1e-5f))
          .isNotEqualTo(before);
      assertThat(still.sample(noise, contexts))
          .describedAs("another one of the same module")
          .containsExactly(before, within(1e-6f));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void shouldHaveTheGradientOfAnMlpAndTheSameBitsAtEveryCall(int contextSize) {
    float[] parameters = script(contextSize).initialParameters(0);
    List<float[]> script = gradients(script(contextSize), parameters, 5);
    assertThat(script.get(0))
        .containsExactly(gradients(twin(contextSize), parameters, 1).get(0), within(1e-5f))
        .isNotEqualTo(new float[parameters.length]);
    assertThat(script).allSatisfy(again -> assertThat(again).containsExactly(script.get(0)));
  }

  private static List<float[]> gradients(Generator described, float[] parameters, int times) {
    List<float[]> gradients = new ArrayList<>();
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      Generator generator = described.on(manager);
      for (int time = 0; time < times; time++) {
        try (EngineScope scope = new EngineScope(manager)) {
          gradients.add(gradient(generator, scope.manager(), parameters));
        }
      }
    }
    return gradients;
  }

  private static float[] gradient(Generator generator, NDManager here, float[] parameters) {
    int d = generator.sampleSize();
    Tape tape =
        generator.taped(
            here.create(parameters),
            here.create(normals(2, ROWS * NOISE), new Shape(ROWS, NOISE)),
            generator.contextSize() == 0
                ? Optional.empty()
                : Optional.of(
                    here.create(
                        normals(3, ROWS * generator.contextSize()),
                        new Shape(ROWS, generator.contextSize()))));
    return tape.pullBack(here.create(normals(4, ROWS * d), new Shape(ROWS, d))).toFloatArray();
  }

  @Test
  void shouldComeBackFromItsWeightsFileInAnyOrderOfItsTensors() throws Exception {
    Generator generator = script(0);
    Weights weights = other(generator, 6);
    Path file = folder.resolve("weights.safetensors");
    Safetensors content = Safetensors.of(weights, Map.of());
    content.write(file);
    List<TensorSpec> tensors = generator.layout().tensors();
    assertThat(Safetensors.read(file).toWeights(tensors)).isEqualTo(weights);

    Map<TensorSpec, float[]> sorted = new LinkedHashMap<>();
    tensors.stream()
        .sorted((a, b) -> a.name().compareTo(b.name()))
        .forEach(tensor -> sorted.put(tensor, content.tensors().get(tensor)));
    new Safetensors(Map.of(), sorted).write(file);
    assertThat(Safetensors.read(file).toWeights().tensors()).isNotEqualTo(tensors);
    assertThat(Safetensors.read(file).toWeights(tensors)).isEqualTo(weights);
    assertThatThrownBy(() -> Safetensors.read(file).toWeights(twin(0).layout().tensors()))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("net.0.bias[5], expected decoder.0.weight[5, 3]");
  }

  @Test
  void shouldGiveEveryThreadTheSamplesOfItsOwnWeights() throws Exception {
    Generator generator = script(0);
    float[] noise = normals(5, ROWS * NOISE);
    int threads = 3;
    List<float[]> alone = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      try (LoadedGenerator loaded = loaded(generator, other(generator, i))) {
        alone.add(loaded.sample(noise, new float[0]));
      }
    }
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Callable<float[]>> work = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        int seed = i;
        work.add(
            () -> {
              try (LoadedGenerator loaded = loaded(generator, other(generator, seed))) {
                for (int time = 0; time < 100; time++) {
                  assertThat(loaded.sample(noise, new float[0])).containsExactly(alone.get(seed));
                }
                return loaded.sample(noise, new float[0]);
              }
            });
      }
      List<Future<float[]>> runs = pool.invokeAll(work);
      for (int i = 0; i < threads; i++) {
        assertThat(runs.get(i).get()).containsExactly(alone.get(i));
      }
    } finally {
      pool.shutdown();
    }
  }

  @Test
  void shouldRefuseToComputeBeforeItIsOnADevice() {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      NDArray nothing = manager.zeros(new Shape(1, NOISE));
      for (Generator described : List.of(script(0), features())) {
        assertThatThrownBy(() -> described.forward(nothing, nothing, Optional.empty()))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining(".pt computes once it is on a device");
      }
    }
  }

  /** Features {@code (tanh x, y, x y)} of the samples. */
  private static Generator features() {
    return FeatureGenerator.of(script(0), source("lift"));
  }

  @Test
  void shouldMakeFeaturesOfItsSamplesWithTheSameWeights() throws WeightsException {
    Generator features = features();
    Generator plain = script(0);
    assertThat(features.sampleSize()).isEqualTo(3);
    assertThat(features.noiseSize()).isEqualTo(NOISE);
    assertThat(features.contextSize()).isZero();
    assertThat(features.layout().tensors()).isEqualTo(plain.layout().tensors());
    assertThat(features.initialParameters(0)).isEqualTo(plain.initialParameters(0));
    float[] noise = normals(6, ROWS * NOISE);
    try (LoadedGenerator samples = loaded(plain, other(plain, 7));
        LoadedGenerator mapped = loaded(features, other(plain, 7))) {
      float[] x = samples.sample(noise, new float[0]);
      float[] psi = mapped.sample(noise, new float[0]);
      assertThat(psi).hasSize(3 * ROWS);
      for (int row = 0; row < ROWS; row++) {
        assertThat((double) psi[3 * row]).isCloseTo(Math.tanh(x[2 * row]), within(1e-6));
        assertThat(psi[3 * row + 1]).isEqualTo(x[2 * row + 1]);
        assertThat(psi[3 * row + 2]).isCloseTo(x[2 * row] * x[2 * row + 1], within(1e-6f));
      }
    }
  }

  @Test
  void shouldPullACotangentOfFeaturesBackToTheWeights() throws WeightsException {
    Generator features = features();
    float[] parameters = other(features, 8).values();
    float[] gradient = gradients(features, parameters, 2).get(1);
    double norm = 0;
    for (float slope : gradient) {
      norm = Math.hypot(norm, slope);
    }
    for (int i = 0; i < parameters.length; i++) {
      float step = 1e-2f;
      float[] up = parameters.clone();
      float[] down = parameters.clone();
      up[i] += step;
      down[i] -= step;
      double slope = (weighted(features, up) - weighted(features, down)) / (up[i] - down[i]);
      assertThat((double) gradient[i])
          .describedAs("parameter %d", i)
          .isCloseTo(slope, within(5e-3 * norm));
    }
  }

  private static double weighted(Generator generator, float[] parameters) throws WeightsException {
    Weights weights = new Weights(generator.layout().tensors(), parameters);
    try (LoadedGenerator loaded = loaded(generator, weights)) {
      float[] samples = loaded.sample(normals(2, ROWS * NOISE), new float[0]);
      float[] cotangent = normals(4, samples.length);
      double sum = 0;
      for (int i = 0; i < samples.length; i++) {
        sum += (double) samples[i] * cotangent[i];
      }
      return sum;
    }
  }

  @Test
  void shouldRefuseItsOwnNumbersThatAreNone() {
    Generator broken = TorchScriptGenerator.of(source("broken"), 2, 0);
    assertThatThrownBy(() -> own(broken))
        .isInstanceOf(WeightsException.class)
        .hasMessage("tensor weight holds NaN");
  }

  @Test
  void shouldGiveSamplesOfAsManyRowsAsAreAskedForOverAndOver() throws WeightsException {
    Generator generator = script(0);
    try (LoadedGenerator loaded = loaded(generator, own(generator))) {
      for (int rows : Collections.nCopies(3, 9000)) { // more than one pass takes
        float[] noise = normals(9, rows * NOISE);
        float[] all = loaded.sample(noise, new float[0]);
        float[] last =
            loaded.sample(
                Arrays.copyOfRange(noise, (rows - 1) * NOISE, rows * NOISE), new float[0]);
        assertThat(all).hasSize(2 * rows);
        assertThat(all[2 * rows - 1]).isCloseTo(last[1], within(1e-6f));
      }
    }
  }
}
