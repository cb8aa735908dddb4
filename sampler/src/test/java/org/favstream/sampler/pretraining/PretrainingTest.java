// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.pretraining;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.typesafe.config.ConfigFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.favstream.actors.config.ConfigurationException;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.Noise;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.GeneratorSettings;
import org.favstream.sampler.generator.GeneratorSettings.Family;
import org.favstream.sampler.generator.LoadedGenerator;
import org.favstream.sampler.noise.NoiseSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PretrainingTest {
  private static final Pretraining.Settings LONG = new Pretraining.Settings(600, 128, 1e-2);
  private static final Pretraining.Settings SHORT = new Pretraining.Settings(100, 32, 1e-2);

  private static GeneratorSettings settings(Family family, int contextSize) {
    int noise = family == Family.MEANFLOW ? 2 : 4;
    return new GeneratorSettings(family, noise, contextSize, 2, List.of(32, 32), 1);
  }

  private static Weights trained(Family family, Pretraining.Settings training, long seed)
      throws WeightsException {
    return Pretraining.train(
        settings(family, 0), new Clouds(false), training, seed, Device.cpu(), (step, loss) -> true);
  }

  private static float[] samples(GeneratorSettings settings, Weights weights, float... context)
      throws WeightsException {
    int rows = 2000;
    float[] contexts = new float[rows * settings.contextSize()];
    Arrays.fill(contexts, context.length == 0 ? 0 : context[0]);
    try (LoadedGenerator loaded = new LoadedGenerator(settings.create(), weights, Device.cpu())) {
      float[] noise = NoiseSource.normals(new Noise(77, 0), rows * settings.noiseSize());
      return loaded.sample(noise, contexts);
    }
  }

  private static double mean(float[] samples, int axis) {
    double sum = 0;
    for (int i = axis; i < samples.length; i += 2) {
      sum += samples[i];
    }
    return 2 * sum / samples.length;
  }

  private static double deviation(float[] samples, int axis) {
    double mean = mean(samples, axis);
    double sum = 0;
    for (int i = axis; i < samples.length; i += 2) {
      sum += (samples[i] - mean) * (samples[i] - mean);
    }
    return Math.sqrt(2 * sum / samples.length);
  }

  @ParameterizedTest
  @EnumSource(
      value = Family.class,
      names = {"POLICY", "TORCHSCRIPT"},
      mode = EnumSource.Mode.EXCLUDE)
  void shouldSampleTheDataWhenItHasTrained(Family family) throws Exception {
    Weights weights = trained(family, LONG, 5);
    float[] samples = samples(settings(family, 0), weights);
    for (int axis = 0; axis < 2; axis++) {
      assertThat(mean(samples, axis)).isCloseTo(Clouds.CENTRE[axis], within(0.25));
      assertThat(deviation(samples, axis)).isCloseTo(Clouds.DEVIATION, within(0.2));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Family.class,
      names = {"DRIFT", "POLICY", "TORCHSCRIPT"},
      mode = EnumSource.Mode.EXCLUDE)
  void shouldFollowTheContextWhenThereIsOne(Family family) throws Exception {
    GeneratorSettings settings = settings(family, 1);
    Weights weights =
        Pretraining.train(settings, new Clouds(true), LONG, 5, Device.cpu(), (step, loss) -> true);
    for (float context : new float[] {-1, 1}) {
      float[] samples = samples(settings, weights, context);
      assertThat(mean(samples, 0)).isCloseTo(Clouds.CENTRE[0] + context, within(0.35));
      assertThat(mean(samples, 1)).isCloseTo(Clouds.CENTRE[1], within(0.35));
      assertThat(deviation(samples, 0)).isCloseTo(Clouds.DEVIATION, within(0.25));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Family.class,
      names = {"POLICY", "TORCHSCRIPT"},
      mode = EnumSource.Mode.EXCLUDE)
  void shouldGiveTheSameWeightsWhenTheSeedIsTheSame(Family family) throws Exception {
    Weights weights = trained(family, SHORT, 1);
    assertThat(weights.tensors()).isEqualTo(settings(family, 0).create().layout().tensors());
    assertThat(trained(family, SHORT, 1)).isEqualTo(weights);
    assertThat(trained(family, SHORT, 2)).isNotEqualTo(weights);
  }

  @Test
  void shouldReportEveryHundredthStepWithAFallingLoss() throws Exception {
    List<Integer> steps = new ArrayList<>();
    List<Double> losses = new ArrayList<>();
    Weights unused =
        Pretraining.train(
            settings(Family.VAE, 0),
            new Clouds(false),
            new Pretraining.Settings(350, 16, 1e-2),
            1,
            Device.cpu(),
            (step, loss) -> {
              steps.add(step);
              losses.add(loss);
              return true;
            });
    assertThat(steps).containsExactly(100, 200, 300);
    assertThat(losses.get(0)).isGreaterThan(0);
    assertThat(losses.get(1)).isLessThan(losses.get(0));
    assertThat(losses.get(2)).isLessThan(0.5 * losses.get(0));
  }

  @Test
  void shouldGiveTheWeightsReachedWhenItIsToldToStop() throws Exception {
    List<Integer> steps = new ArrayList<>();
    GeneratorSettings settings = settings(Family.DRIFT, 0);
    Weights weights =
        Pretraining.train(
            settings,
            new Clouds(false),
            new Pretraining.Settings(100_000_000, 16, 1e-2),
            1,
            Device.cpu(),
            (step, loss) -> {
              steps.add(step);
              return step < 200;
            });
    assertThat(steps).containsExactly(100, 200);
    Generator generator = settings.create();
    float[] initial = generator.initialParameters(NoiseSource.key(1, "initial", 0));
    assertThat(weights.values()).hasSameSizeAs(initial).isNotEqualTo(initial);
  }

  @Test
  void shouldStopAndSayWhereWhenItRunsIntoNumbersThatAreNotFinite() {
    assertThatThrownBy(() -> trained(Family.VAE, new Pretraining.Settings(100, 8, 1e30), 1))
        .isInstanceOf(WeightsException.class)
        .hasMessageStartingWith("pre-training, step 2: the loss is ");
  }

  @Test
  void shouldReadAndCheckItsSettings() {
    assertThat(
            Pretraining.Settings.of(
                ConfigFactory.parseString(
                    "pretraining { steps = 3, batch = 4, learning-rate = 0.5 }")))
        .isEqualTo(new Pretraining.Settings(3, 4, 0.5));
    assertThatThrownBy(() -> new Pretraining.Settings(0, 2, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("steps 0 (at least 1)");
    assertThatThrownBy(() -> new Pretraining.Settings(1, 1, 1)).hasMessageContaining("batch 1");
    assertThatThrownBy(() -> new Pretraining.Settings(1, 2, Double.NaN))
        .hasMessageContaining("learning-rate NaN");
  }

  @Test
  void shouldRefuseAPolicy() {
    assertThatThrownBy(
            () ->
                Pretraining.train(
                    settings(Family.POLICY, 1),
                    new Clouds(true),
                    SHORT,
                    1,
                    Device.cpu(),
                    (step, loss) -> true))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("a policy is not pre-trained");
  }
}
