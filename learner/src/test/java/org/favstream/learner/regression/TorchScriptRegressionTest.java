// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.regression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.favstream.learner.regression.RegressionCases.PARTICLES;
import static org.favstream.learner.regression.RegressionCases.group;
import static org.favstream.learner.regression.RegressionCases.references;
import static org.favstream.learner.regression.RegressionCases.regression;
import static org.favstream.learner.regression.RegressionCases.settings;
import static org.favstream.learner.regression.RegressionCases.weights;
import static org.favstream.learner.regression.RegressionCases.withGradients;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.favstream.actors.engine.Adam;
import org.favstream.actors.engine.TorchScriptSource;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.ScoredGeneration;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.GeneratorSettings;
import org.favstream.sampler.generator.GeneratorSettings.Family;
import org.favstream.sampler.generator.GeneratorSettings.Modules;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Modules are regressed like the families that come along. With those that {@code make_modules.py},
 * of module actors' tests, makes.
 */
class TorchScriptRegressionTest {
  private static final int STEPS = 6;
  private static final RegressionSettings REPLAY = settings(RegressionSettings.Anchor.REPLAY);

  /** By how much module rotation turns a row. */
  private static final double ANGLE = 0.7;

  private static TorchScriptSource source(String name) {
    Path file = Path.of("src/test/resources/torchscript", name + ".pt");
    return TorchScriptSource.file(file, TorchScriptSource.digestOf(file), 1 << 20);
  }

  private static Generator script(int contextSize, Optional<String> features) {
    String name = contextSize == 0 ? "decoder" : "conditional";
    Modules modules = new Modules(source(name), features.map(TorchScriptRegressionTest::source));
    return new GeneratorSettings(
            Family.TORCHSCRIPT, 3, contextSize, 2, List.of(1), 1, Optional.of(modules))
        .create();
  }

  private static ScoredGeneration.Scored groupOf(Generator generator, Weights weights, long step)
      throws WeightsException {
    return group(generator, weights, generator.contextSize() == 0 ? 1 : 2, step);
  }

  /** The weights after steps, each with a group of the weights before all of them. */
  private static Weights stepped(Generator generator, Weights first, Weights scoredWith)
      throws WeightsException {
    try (FixedPointRegression regression = regression(generator, REPLAY, first)) {
      for (int step = 0; step < STEPS; step++) {
        ScoredGeneration.Scored group = groupOf(generator, scoredWith, step);
        int blocks = group.rewards().length() / PARTICLES;
        assertThat(regression.step(List.of(group), references(blocks, step), step).skipped())
            .isEmpty();
      }
      return regression.weights();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void shouldEndWhereAnMlpOfTheSameWeightsEnds(int contextSize) throws WeightsException {
    Generator script = script(contextSize, Optional.empty());
    Generator twin =
        new GeneratorSettings(Family.VAE, 3, contextSize, 2, List.of(5, 4), 1).create();
    Weights first = weights(script, 0);
    Weights twins = new Weights(twin.layout().tensors(), first.values());
    float[] after = stepped(script, first, first).values();
    assertThat(after)
        .containsExactly(stepped(twin, twins, twins).values(), within(1e-5f))
        .isNotEqualTo(first.values());
    assertThat(Math.abs(after[0] - first.values()[0])).isGreaterThan(1e-3f);
  }

  @Test
  void shouldEndAtTheSameBitsWhenItIsResumedOnTheWay() throws WeightsException {
    Generator generator = script(0, Optional.empty());
    Weights first = weights(generator, 0);
    Weights unbroken = stepped(generator, first, first);
    assertThat(stepped(generator, first, first)).isEqualTo(unbroken);

    Weights now = first;
    Optional<Adam.State> moments = Optional.empty();
    for (int step = 0; step < STEPS; step++) { // each in a life of its own
      try (FixedPointRegression regression = regression(generator, REPLAY, now)) {
        moments.ifPresent(regression::restore);
        regression.step(List.of(groupOf(generator, first, step)), references(1, step), step);
        now = regression.weights();
        moments = Optional.of(regression.moments());
      }
    }
    assertThat(now).isEqualTo(unbroken);
  }

  @Test
  void shouldBeThePlainRegressionWhenFeaturesAreTheSamplesThemselves() throws WeightsException {
    Generator plain = script(0, Optional.empty());
    Weights first = weights(plain, 0);
    assertThat(stepped(script(0, Optional.of("identity")), first, first))
        .isEqualTo(stepped(plain, first, first));
  }

  /** Kernels see distances alone, so a rotated world moves as the one that it is an image of. */
  @Test
  void shouldMoveTheWeightsAlikeWhenFeaturesAreTheSamplesRotated() throws WeightsException {
    Generator plain = script(0, Optional.empty());
    Generator rotated = script(0, Optional.of("rotation"));
    Weights first = weights(plain, 0);
    try (FixedPointRegression here = regression(plain, REPLAY, first);
        FixedPointRegression there = regression(rotated, REPLAY, first)) {
      for (int step = 0; step < STEPS; step++) {
        ScoredGeneration.Scored group = groupOf(plain, first, step);
        ScoredGeneration.Scored image =
            withGradients(groupOf(rotated, first, step), rotated(group.gradients().toArray()));
        assertThat(image.generation().particles().toArray())
            .containsExactly(rotated(group.generation().particles().toArray()), within(1e-5f));
        FixedPointRegression.Outcome one = here.step(List.of(group), references(1, step), step);
        FixedPointRegression.Outcome two =
            there.step(List.of(image), rotated(references(1, step)), step);
        assertThat(two.velocity()).isCloseTo(one.velocity(), within(1e-4));
      }
      assertThat(there.weights().values())
          .containsExactly(here.weights().values(), within(1e-4f))
          .isNotEqualTo(first.values());
    }
  }

  private static float[] rotated(float[] rows) {
    float[] rotated = new float[rows.length];
    for (int i = 0; i < rows.length; i += 2) {
      rotated[i] = (float) (rows[i] * Math.cos(ANGLE) - rows[i + 1] * Math.sin(ANGLE));
      rotated[i + 1] = (float) (rows[i] * Math.sin(ANGLE) + rows[i + 1] * Math.cos(ANGLE));
    }
    return rotated;
  }
}
