// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.favstream.protocol.TensorSpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With the modules that {@code torchscript/make_modules.py} makes. */
class TorchScriptModuleTest {
  private static final long LIMIT = 1 << 20;

  private NDManager owner;

  @TempDir private Path folder;

  @BeforeEach
  void open() {
    owner = NDManager.newBaseManager(Device.cpu(), "PyTorch");
  }

  @AfterEach
  void close() {
    owner.close();
  }

  private static Path file(String name) {
    return Path.of("src/test/resources/torchscript", name + ".pt");
  }

  private static TorchScriptSource source(Path file) {
    return TorchScriptSource.file(file, TorchScriptSource.digestOf(file), LIMIT);
  }

  private TorchScriptModule parts() {
    return TorchScriptModule.loadTrainable(source(file("parts")), owner);
  }

  /** What {@code parts} computes: {@code x W Aᵀ Aᵀ · gain · still + shift}. */
  private static double[] expected(double[] x, float[] parameters) {
    double gain = parameters[0];
    double[] h = new double[2];
    for (int j = 0; j < 2; j++) {
      for (int i = 0; i < 3; i++) {
        h[j] += x[i] * parameters[1 + 2 * i + j];
      }
    }
    for (int time = 0; time < 2; time++) {
      h =
          new double[] {
            parameters[8] * h[0] + parameters[9] * h[1],
            parameters[10] * h[0] + parameters[11] * h[1]
          };
    }
    return new double[] {h[0] * gain + 0.5, h[1] * gain * 10 - 0.5};
  }

  @Test
  void shouldTrainItsParametersThatAskForAGradientEachUnderItsFirstName() {
    try (TorchScriptModule module = parts()) {
      assertThat(module.layout().tensors())
          .containsExactly(
              TensorSpec.of("gain"),
              TensorSpec.of("weight", 3, 2),
              TensorSpec.of("unused", 1),
              TensorSpec.of("first.weight", 2, 2));
      assertThat(module.parameters()).containsExactly(2, 1, 2, 3, 4, 5, 6, 7, 1, 1, 0, 1);
    }
  }

  @Test
  void shouldComputeAsInEvaluationWithTheNumbersThatItWasGivenAndTheStateThatItHas() {
    double[] x = {0.5, -1, 2};
    try (TorchScriptModule module = parts();
        EngineScope scope = new EngineScope(owner)) {
      NDArray input = scope.manager().create(new float[] {0.5f, -1, 2}, new Shape(1, 3));
      float[] own = module.parameters();
      float[] other = {-0.0f, 0.3f, 1, -2, 0.25f, 3, 1.5f, 9, 2, -1, 0.5f, 1};
      for (float[] parameters : List.of(own, other)) {
        module.set(scope.manager().create(parameters));
        assertThat(module.parameters()).containsExactly(parameters);
        double[] expected = expected(x, parameters);
        for (NDArray output : List.of(module.infer(input), module.apply(input))) {
          assertThat(output.getShape()).isEqualTo(new Shape(1, 2));
          float[] got = output.toFloatArray();
          for (int j = 0; j < 2; j++) {
            assertThat((double) got[j]).isCloseTo(expected[j], within(1e-4));
          }
        }
      }
    }
  }

  @Test
  void shouldMeetFiniteDifferencesInItsParametersAndInItsInputOverAndOver() {
    double[] x = {0.5, -1, 2};
    float[] parameters = {1.5f, 0.3f, 1, -2, 0.25f, 3, 1.5f, 9, 2, -1, 0.5f, 1};
    float[] cotangent = {1, -0.5f};
    try (TorchScriptModule module = parts()) {
      for (int time = 0; time < 3; time++) { // nothing adds up
        try (EngineScope scope = new EngineScope(owner)) {
          module.set(scope.manager().create(parameters));
          NDArray leaf =
              Gradients.leafOf(scope.manager().create(new float[] {0.5f, -1, 2}, new Shape(1, 3)));
          NDArray output = module.apply(leaf);
          Gradients.backward(output, scope.manager().create(cotangent, new Shape(1, 2)));
          float[] gradient = module.takeGradient().toFloatArray();
          for (int i = 0; i < parameters.length; i++) {
            float[] up = parameters.clone();
            float[] down = parameters.clone();
            up[i] += 0.01f;
            down[i] -= 0.01f;
            double slope =
                (weighted(x, up, cotangent) - weighted(x, down, cotangent)) / (up[i] - down[i]);
            assertThat((double) gradient[i])
                .describedAs("parameter %d", i)
                .isCloseTo(slope, within(1e-2));
          }
          float[] inInput = leaf.getGradient().toFloatArray();
          for (int i = 0; i < x.length; i++) {
            double[] up = x.clone();
            double[] down = x.clone();
            up[i] += 0.01;
            down[i] -= 0.01;
            double slope =
                (weighted(up, parameters, cotangent) - weighted(down, parameters, cotangent))
                    / 0.02;
            assertThat((double) inInput[i]).isCloseTo(slope, within(1e-3));
          }
        }
      }
    }
  }

  private static double weighted(double[] x, float[] parameters, float[] cotangent) {
    double[] value = expected(x, parameters);
    return value[0] * cotangent[0] + value[1] * cotangent[1];
  }

  @Test
  void shouldTakeNoGradientsInItsParametersWhenItIsAFunctionAlone() {
    try (TorchScriptModule module = TorchScriptModule.load(source(file("parts")), owner);
        EngineScope scope = new EngineScope(owner)) {
      assertThat(module.layout().length()).isZero();
      NDArray input = scope.manager().ones(new Shape(1, 3));
      NDArray leaf = Gradients.leafOf(input);
      NDArray output = module.apply(leaf);
      assertThat(Gradients.inLeaf(output, output.onesLike(), leaf).toFloatArray())
          .doesNotContain(0f);
      NDArray ofNothing = module.apply(input);
      assertThatThrownBy(() -> Gradients.backward(ofNothing, ofNothing.onesLike()))
          .hasMessageContaining("does not require grad");
    }
  }

  @Test
  void shouldHoldNoMoreAfterManyCallsThanAfterOne() {
    try (TorchScriptModule module = parts()) {
      List<Integer> held = new ArrayList<>();
      for (int time = 0; time < 50; time++) {
        try (EngineScope scope = new EngineScope(owner)) {
          module.set(scope.manager().create(module.parameters()));
          NDArray output = module.apply(scope.manager().ones(new Shape(4, 3)));
          Gradients.backward(output, output.onesLike());
          module.takeGradient();
          module.infer(scope.manager().ones(new Shape(4, 3)));
        }
        held.add(owner.getManagedArrays().size());
      }
      assertThat(held).containsOnly(held.get(0));
    }
    assertThat(owner.getManagedArrays()).isEmpty();
  }

  @Test
  void shouldKnowNothingOfItsTwinOnAnotherThread() throws Exception {
    float[] alone = trained(1);
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try {
      List<Callable<float[]>> both = List.of(() -> trained(1), () -> trained(2));
      List<Future<float[]>> runs = pool.invokeAll(both);
      assertThat(runs.get(0).get()).containsExactly(alone);
      assertThat(runs.get(1).get()).isNotEqualTo(alone);
    } finally {
      pool.shutdown();
    }
  }

  /** Where some steps down the slope of its value lead. */
  private static float[] trained(float begin) {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        TorchScriptModule module =
            TorchScriptModule.loadTrainable(source(file("parts")), manager)) {
      float[] parameters = module.parameters();
      parameters[0] = begin;
      for (int step = 0; step < 100; step++) {
        try (EngineScope scope = new EngineScope(manager)) {
          module.set(scope.manager().create(parameters));
          NDArray output = module.apply(scope.manager().ones(new Shape(8, 3)));
          Gradients.backward(output, output.onesLike());
          float[] gradient = module.takeGradient().toFloatArray();
          for (int i = 0; i < parameters.length; i++) {
            parameters[i] -= 1e-6f * gradient[i];
          }
        }
      }
      return parameters;
    }
  }

  @Test
  void shouldSayWhatAModuleSaidWhenItThrows() {
    try (TorchScriptModule module = TorchScriptModule.load(source(file("picky")), owner);
        EngineScope scope = new EngineScope(owner)) {
      NDArray ones = scope.manager().ones(new Shape(2, 3));
      assertThat(module.infer(ones, ones).toFloatArray()).containsOnly(2f);
      assertThatThrownBy(() -> module.infer(ones.neg(), ones))
          .isInstanceOf(TorchScriptException.class)
          .hasMessageContaining("picky.pt: forward of (2, 3), (2, 3) failed: ")
          .hasMessageEndingWith("no negative numbers, please");
      assertThat(module.infer(ones, ones).toFloatArray())
          .describedAs("and it goes on")
          .containsOnly(2f);
      for (int time = 0; time < 3; time++) {
        NDArray leaf = Gradients.leafOf(ones);
        assertThatThrownBy(() -> module.apply(leaf.neg(), ones))
            .hasMessageEndingWith("no negative numbers, please");
        NDArray output = module.apply(leaf, ones);
        assertThat(Gradients.inLeaf(output, ones, leaf).toFloatArray()).containsOnly(1f);
      }
    }
  }

  @Test
  void shouldSayHowManyInputsAModuleTakesWhenItTakesOthers() {
    try (TorchScriptModule two = TorchScriptModule.load(source(file("picky")), owner);
        TorchScriptModule one = TorchScriptModule.load(source(file("parts")), owner);
        EngineScope scope = new EngineScope(owner)) {
      NDArray ones = scope.manager().ones(new Shape(2, 3));
      assertThatThrownBy(() -> two.apply(ones))
          .isInstanceOf(TorchScriptException.class)
          .hasMessageContaining("missing value for argument 'y'");
      assertThatThrownBy(() -> one.infer(ones, ones))
          .isInstanceOf(TorchScriptException.class)
          .hasMessageContaining("parts.pt: forward of (2, 3), (2, 3) failed: ")
          .hasMessageContaining("at most 2 argument(s)"); // itself is the first
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"pair", "double"})
  void shouldSayWhatAModuleGivesWhenItIsNotOneTensorOfFloat32(String name) {
    try (TorchScriptModule module = TorchScriptModule.load(source(file(name)), owner);
        EngineScope scope = new EngineScope(owner)) {
      NDArray ones = scope.manager().ones(new Shape(3, 2));
      String got = name.equals("pair") ? "[float32 (3, 2), float32 (3, 2)]" : "[float64 (3, 2)]";
      assertThatThrownBy(() -> module.infer(ones))
          .isInstanceOf(TorchScriptException.class)
          .hasMessageContaining(
              name + ".pt: forward of (3, 2) gave " + got + ", expected one tensor of float32");
    }
  }

  @Test
  void shouldRefuseToTrainWhatHasNothingToBeTrained() {
    assertThatThrownBy(() -> TorchScriptModule.loadTrainable(source(file("picky")), owner))
        .isInstanceOf(TorchScriptException.class)
        .hasMessageContaining("picky.pt: it has no parameter that asks for a gradient");
    assertThatThrownBy(() -> TorchScriptModule.loadTrainable(source(file("double")), owner))
        .isInstanceOf(TorchScriptException.class)
        .hasMessageContaining("double.pt: parameter weight is of float64, expected float32");
    assertThat(owner.getManagedArrays()).isEmpty();
  }

  @Test
  void shouldRefuseWhatIsNoModuleWithAForward() throws IOException {
    assertThatThrownBy(() -> TorchScriptModule.load(source(file("mute")), owner))
        .isInstanceOf(TorchScriptException.class)
        .hasMessageContaining("mute.pt: it has no method forward");
    byte[] whole = Files.readAllBytes(file("parts"));
    for (int length : new int[] {0, 100, whole.length / 2, whole.length - 1}) {
      Path cut = folder.resolve("cut.pt");
      Files.write(cut, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> TorchScriptModule.load(source(cut), owner))
          .isInstanceOf(TorchScriptException.class)
          .hasMessageContaining("cut.pt: it is none: ")
          .hasMessageContaining("torch.jit.script");
    }
  }
}
