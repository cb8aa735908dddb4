// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.regression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.favstream.learner.regression.RegressionCases.CONDITIONAL;
import static org.favstream.learner.regression.RegressionCases.FLOW;
import static org.favstream.learner.regression.RegressionCases.PARTICLES;
import static org.favstream.learner.regression.RegressionCases.RATE;
import static org.favstream.learner.regression.RegressionCases.REFERENCES;
import static org.favstream.learner.regression.RegressionCases.VELOCITY;
import static org.favstream.learner.regression.RegressionCases.gradient;
import static org.favstream.learner.regression.RegressionCases.group;
import static org.favstream.learner.regression.RegressionCases.loss;
import static org.favstream.learner.regression.RegressionCases.norm;
import static org.favstream.learner.regression.RegressionCases.references;
import static org.favstream.learner.regression.RegressionCases.regression;
import static org.favstream.learner.regression.RegressionCases.replayed;
import static org.favstream.learner.regression.RegressionCases.settings;
import static org.favstream.learner.regression.RegressionCases.sum;
import static org.favstream.learner.regression.RegressionCases.velocity;
import static org.favstream.learner.regression.RegressionCases.weights;
import static org.favstream.learner.regression.RegressionCases.withGradients;

import java.util.Arrays;
import java.util.List;
import org.favstream.actors.engine.Adam;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.learner.svgd.ScottBandwidth;
import org.favstream.protocol.Noise;
import org.favstream.protocol.ScoredGeneration;
import org.favstream.sampler.generator.Generator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FixedPointRegressionTest {

  private static void requireFiniteDifferences(
      Generator generator,
      Weights weights,
      ScoredGeneration.Scored group,
      float[] target,
      double[] gradient)
      throws WeightsException {
    double step = 1e-2;
    double norm = norm(gradient);
    assertThat(norm).isGreaterThan(0.05);
    float[] values = weights.values();
    for (int i = 0; i < values.length; i++) {
      double[] losses = new double[2];
      for (int side = 0; side < 2; side++) {
        float[] moved = values.clone();
        moved[i] += (float) (side == 0 ? -step : step);
        losses[side] =
            loss(replayed(generator, new Weights(weights.tensors(), moved), group), target);
      }
      assertThat((losses[1] - losses[0]) / (2 * step))
          .describedAs("parameter %d", i)
          .isCloseTo(gradient[i], within(2e-3 * norm));
    }
  }

  @Test
  void shouldFollowTheGradientOfTheFixedPointLossAtTheReplayedParticles() throws WeightsException {
    Weights now = weights(FLOW, 1);
    ScoredGeneration.Scored group = group(FLOW, weights(FLOW, 2), 1, 0);
    float[] references = references(1, 0);
    float[] at = replayed(FLOW, now, group);
    float[] velocity = velocity(VELOCITY, at, references, group.gradients().toArray());
    float[] target = sum(at, velocity);
    try (FixedPointRegression regression =
        regression(FLOW, settings(RegressionSettings.Anchor.REPLAY), now)) {
      FixedPointRegression.Outcome outcome = regression.step(List.of(group), references, 0);

      requireFiniteDifferences(FLOW, now, group, target, gradient(regression));
      assertThat(outcome.skipped()).isEmpty();
      assertThat(outcome.loss()).isCloseTo(loss(at, target), within(1e-5));
      assertThat(outcome.velocity())
          .isCloseTo(Math.sqrt(loss(velocity, new float[velocity.length])), within(1e-5));
      assertThat(outcome.moved())
          .isCloseTo(
              Math.sqrt(2 * loss(at, group.generation().particles().toArray())), within(1e-5));
      assertThat(outcome.gradientNorm()).isCloseTo(norm(gradient(regression)), within(1e-5));
    }
  }

  @Test
  void shouldFollowTheGradientOfTheFixedPointLossAtTheLoggedParticles() throws WeightsException {
    Weights now = weights(FLOW, 1);
    ScoredGeneration.Scored group = group(FLOW, weights(FLOW, 2), 1, 0);
    float[] references = references(1, 0);
    float[] logged = group.generation().particles().toArray();
    float[] target =
        sum(logged, velocity(VELOCITY, logged, references, group.gradients().toArray()));
    try (FixedPointRegression regression =
        regression(FLOW, settings(RegressionSettings.Anchor.LOGGED), now)) {
      FixedPointRegression.Outcome outcome = regression.step(List.of(group), references, 0);
      requireFiniteDifferences(FLOW, now, group, target, gradient(regression));
      assertThat(outcome.loss()).isCloseTo(loss(replayed(FLOW, now, group), target), within(1e-5));
    }
  }

  @Test
  void shouldReplayAConditionalGroupWithEachParticlesContext() throws WeightsException {
    Weights now = weights(CONDITIONAL, 1);
    ScoredGeneration.Scored group = group(CONDITIONAL, weights(CONDITIONAL, 2), 3, 0);
    float[] references = references(3, 0);
    float[] at = replayed(CONDITIONAL, now, group);
    float[] target = sum(at, velocity(VELOCITY, at, references, group.gradients().toArray()));
    try (FixedPointRegression regression =
        regression(CONDITIONAL, settings(RegressionSettings.Anchor.REPLAY), now)) {
      regression.step(List.of(group), references, 0);
      requireFiniteDifferences(CONDITIONAL, now, group, target, gradient(regression));
    }
  }

  @Test
  void shouldTakeTheSameStepFromBothAnchorsWhereTheWeightsAreTheGroupsOwn()
      throws WeightsException {
    Weights now = weights(FLOW, 1);
    ScoredGeneration.Scored group = group(FLOW, now, 1, 0);
    Weights replayed = stepped(settings(RegressionSettings.Anchor.REPLAY), now, group);
    assertThat(replayed)
        .isEqualTo(stepped(settings(RegressionSettings.Anchor.LOGGED), now, group))
        .isNotEqualTo(now);
    assertThat(stepped(settings(RegressionSettings.Anchor.REPLAY, 0.1, 0), now, group))
        .describedAs("nothing has moved, so all is trusted")
        .isEqualTo(replayed);
  }

  @ParameterizedTest
  @EnumSource(Noise.Kind.class)
  void shouldMakeTheGroupsParticlesAgainFromItsNoise(Noise.Kind kind) throws WeightsException {
    Weights now = weights(CONDITIONAL, 1);
    ScoredGeneration.Scored group = group(CONDITIONAL, now, 3, new Noise(11, 5, kind));
    try (FixedPointRegression regression =
        regression(CONDITIONAL, settings(RegressionSettings.Anchor.REPLAY), now)) {
      assertThat(regression.step(List.of(group), references(3, 0), 0).moved()).isZero();
    }
  }

  private static Weights stepped(
      RegressionSettings settings, Weights now, ScoredGeneration.Scored group)
      throws WeightsException {
    try (FixedPointRegression regression = regression(FLOW, settings, now)) {
      regression.step(List.of(group), references(1, 0), 0);
      return regression.weights();
    }
  }

  @Test
  void shouldTrustALoggedGradientHalfAtTheTrustRadius() throws WeightsException {
    Weights now = weights(FLOW, 1);
    ScoredGeneration.Scored group = group(FLOW, weights(FLOW, 2), 1, 0);
    float[] at = replayed(FLOW, now, group);
    float[] logged = group.generation().particles().toArray();
    double radius = Math.hypot(at[0] - logged[0], at[1] - logged[1]); // of particle 0
    float[] scaled = group.gradients().toArray();
    for (int i = 0; i < scaled.length; i += 2) {
      double way = Math.hypot(at[i] - logged[i], at[i + 1] - logged[i + 1]);
      double trust = 1 / (1 + way * way / (radius * radius));
      scaled[i] = (float) (scaled[i] * trust);
      scaled[i + 1] = (float) (scaled[i + 1] * trust);
    }
    assertThat(scaled[0]).isCloseTo(group.gradients().at(0) / 2, within(1e-6f));

    try (FixedPointRegression trusting =
            regression(FLOW, settings(RegressionSettings.Anchor.REPLAY, radius, 0), now);
        FixedPointRegression plain =
            regression(FLOW, settings(RegressionSettings.Anchor.REPLAY), now)) {
      trusting.step(List.of(group), references(1, 0), 0);
      plain.step(List.of(withGradients(group, scaled)), references(1, 0), 0);
      double[] expected = gradient(plain);
      double[] got = gradient(trusting);
      for (int i = 0; i < got.length; i++) {
        assertThat(got[i]).isCloseTo(expected[i], within(1e-5 * norm(expected)));
      }
    }
  }

  @Test
  void shouldShortenTheVelocitiesThatAreTooLongAndLeaveTheOthers() throws WeightsException {
    Weights now = weights(FLOW, 1);
    ScoredGeneration.Scored group = group(FLOW, weights(FLOW, 2), 1, 0);
    float[] references = references(1, 0);
    float[] at = replayed(FLOW, now, group);
    float[] velocity = velocity(VELOCITY, at, references, group.gradients().toArray());
    double[] lengths = new double[PARTICLES];
    for (int i = 0; i < PARTICLES; i++) {
      lengths[i] = Math.hypot(velocity[2 * i], velocity[2 * i + 1]);
    }
    double median = Arrays.stream(lengths).sorted().toArray()[PARTICLES / 2];
    float[] bounded = velocity.clone();
    for (int i = 0; i < bounded.length; i++) {
      bounded[i] *= (float) Math.min(1, median / lengths[i / 2]);
    }
    assertThat(bounded).isNotEqualTo(velocity);

    try (FixedPointRegression regression =
        regression(FLOW, settings(RegressionSettings.Anchor.REPLAY, 0, median), now)) {
      FixedPointRegression.Outcome outcome = regression.step(List.of(group), references, 0);

      requireFiniteDifferences(FLOW, now, group, sum(at, bounded), gradient(regression));
      assertThat(outcome.loss()).isCloseTo(loss(at, sum(at, bounded)), within(1e-5));
    }
  }

  @Test
  void shouldCountTheRewardByTheTemperingOfTheStep() throws WeightsException {
    Weights now = weights(FLOW, 1);
    ScoredGeneration.Scored group = group(FLOW, weights(FLOW, 2), 1, 0);
    RegressionSettings full = settings(RegressionSettings.Anchor.REPLAY);
    RegressionSettings rising =
        new RegressionSettings(
            VELOCITY,
            new Tempering(100, 0.01),
            false,
            full.anchor(),
            0,
            0,
            full.learningRate(),
            full.optimiser());
    RegressionSettings tenth =
        new RegressionSettings(
            VELOCITY.withBeta(VELOCITY.beta() / 10),
            Tempering.NONE,
            false,
            full.anchor(),
            0,
            0,
            full.learningRate(),
            full.optimiser());
    try (FixedPointRegression half = regression(FLOW, rising, now);
        FixedPointRegression weak = regression(FLOW, tenth, now)) {
      half.step(List.of(group), references(1, 0), 50);
      weak.step(List.of(group), references(1, 0), 50);
      double[] expected = gradient(weak);
      double[] got = gradient(half);
      for (int i = 0; i < got.length; i++) {
        assertThat(got[i]).isCloseTo(expected[i], within(1e-5 * norm(expected)));
      }
    }
  }

  @Test
  void shouldWeighTheGroupsOfABatchAlikeAndKeepTheirKernelsApart() throws WeightsException {
    for (Generator generator : List.of(FLOW, CONDITIONAL)) {
      int contexts = generator.contextSize() == 0 ? 1 : 2;
      Weights now = weights(generator, 1);
      ScoredGeneration.Scored first = group(generator, weights(generator, 2), contexts, 0);
      ScoredGeneration.Scored second = group(generator, weights(generator, 3), contexts, 1);
      float[] one = references(contexts, 1);
      float[] two = references(contexts, 2);
      float[] both = new float[one.length + two.length];
      System.arraycopy(one, 0, both, 0, one.length);
      System.arraycopy(two, 0, both, one.length, two.length);
      double[] alone = oneStep(generator, now, List.of(first), one);
      double[] other = oneStep(generator, now, List.of(second), two);
      double[] together = oneStep(generator, now, List.of(first, second), both);
      for (int i = 0; i < together.length; i++) {
        assertThat(together[i]).isCloseTo((alone[i] + other[i]) / 2, within(1e-5 * norm(together)));
      }
    }
  }

  private static double[] oneStep(
      Generator generator, Weights now, List<ScoredGeneration.Scored> groups, float[] references)
      throws WeightsException {
    try (FixedPointRegression regression =
        regression(generator, settings(RegressionSettings.Anchor.REPLAY), now)) {
      regression.step(groups, references, 0);
      return gradient(regression);
    }
  }

  @Test
  void shouldTakeItsBandwidthFromTheReferencesByScottsRule() throws WeightsException {
    Weights now = weights(FLOW, 1);
    ScoredGeneration.Scored group = group(FLOW, now, 1, 0);
    RegressionSettings fixed = settings(RegressionSettings.Anchor.REPLAY);
    double sigma = ScottBandwidth.sigma(references(1, 0), REFERENCES, 2);
    RegressionSettings scott =
        new RegressionSettings(
            VELOCITY,
            Tempering.NONE,
            true,
            fixed.anchor(),
            0,
            0,
            fixed.learningRate(),
            fixed.optimiser());
    RegressionSettings same =
        new RegressionSettings(
            VELOCITY.withBandwidth(sigma),
            Tempering.NONE,
            false,
            fixed.anchor(),
            0,
            0,
            fixed.learningRate(),
            fixed.optimiser());
    assertThat(stepped(scott, now, group))
        .isEqualTo(stepped(same, now, group))
        .isNotEqualTo(stepped(fixed, now, group));
  }

  @Test
  void shouldStepByTheLearningRateOfTheStep() throws WeightsException {
    Weights now = weights(FLOW, 1);
    ScoredGeneration.Scored group = group(FLOW, now, 1, 0);
    RegressionSettings falling =
        new RegressionSettings(
            VELOCITY,
            Tempering.NONE,
            false,
            RegressionSettings.Anchor.REPLAY,
            0,
            0,
            new LearningRate(RATE, 100, 0),
            Adam.Settings.adam(0));
    double[] largest = new double[2];
    for (int half = 0; half < 2; half++) {
      try (FixedPointRegression regression = regression(FLOW, falling, now)) {
        regression.step(List.of(group), references(1, 0), 50L * half);
        float[] after = regression.weights().values();
        for (int i = 0; i < after.length; i++) {
          largest[half] = Math.max(largest[half], Math.abs(after[i] - now.values()[i]));
        }
      }
    }
    // Adam's first step is as long as the rate in each parameter.
    assertThat(largest[0]).isCloseTo(RATE, within(1e-5));
    assertThat(largest[1]).isCloseTo(RATE / 2, within(1e-5));
  }

  @Test
  void shouldChangeNothingWhereANumberIsNotFinite() throws WeightsException {
    Weights now = weights(FLOW, 1);
    ScoredGeneration.Scored good = group(FLOW, now, 1, 0);
    float[] withNan = good.gradients().toArray();
    withNan[3] = Float.NaN;
    float[] huge = good.gradients().toArray();
    huge[3] = 1e30f; // its square is beyond float32, and so is the gradient's norm
    try (FixedPointRegression regression =
        regression(FLOW, settings(RegressionSettings.Anchor.REPLAY), now)) {
      regression.step(List.of(good), references(1, 0), 0);
      Weights before = regression.weights();
      Adam.State moments = regression.moments();

      assertThat(
              regression.step(List.of(withGradients(good, withNan)), references(1, 0), 1).skipped())
          .contains("loss is NaN");
      float[] brokenReferences = references(1, 0);
      brokenReferences[0] = Float.NaN;
      assertThat(regression.step(List.of(good), brokenReferences, 1).skipped()).isPresent();
      assertThat(regression.step(List.of(withGradients(good, huge)), references(1, 0), 1).skipped())
          .contains("gradient norm is Infinity");

      assertThat(regression.weights()).isEqualTo(before);
      assertThat(regression.moments().steps()).isEqualTo(moments.steps());
      assertThat(regression.moments().mean()).isEqualTo(moments.mean());
      assertThat(regression.moments().square()).isEqualTo(moments.square());
      assertThat(regression.step(List.of(good), references(1, 0), 1).skipped()).isEmpty();
      assertThat(regression.weights()).isNotEqualTo(before);
    }
  }

  @Test
  void shouldGiveTheSameBitsFromTheSameInputAlsoAfterARestart() throws WeightsException {
    RegressionSettings settings = settings(RegressionSettings.Anchor.REPLAY);
    Weights now = weights(FLOW, 1);
    try (FixedPointRegression first = regression(FLOW, settings, now);
        FixedPointRegression second = regression(FLOW, settings, now)) {
      steps(first, 0, 6);
      steps(second, 0, 3);
      try (FixedPointRegression restarted = regression(FLOW, settings, second.weights())) {
        restarted.restore(second.moments());
        steps(restarted, 3, 6);
        assertThat(restarted.weights()).isEqualTo(first.weights());
        assertThat(restarted.moments().steps()).isEqualTo(6);
        assertThat(restarted.moments().mean()).isEqualTo(first.moments().mean());
        assertThat(restarted.moments().square()).isEqualTo(first.moments().square());
      }
    }
  }

  private static void steps(FixedPointRegression regression, int from, int to)
      throws WeightsException {
    for (int step = from; step < to; step++) {
      regression.step(List.of(group(FLOW, weights(FLOW, 2), 1, step)), references(1, step), step);
    }
  }

  @Test
  void shouldMoveTheGeneratorTowardTheRewardedParticles() throws WeightsException {
    // A reward that grows along x, whatever the particle: after some steps all lie farther on.
    Weights now = weights(FLOW, 1);
    float[] alongX = new float[2 * PARTICLES];
    for (int i = 0; i < alongX.length; i += 2) {
      alongX[i] = 1;
    }
    ScoredGeneration.Scored group = withGradients(group(FLOW, now, 1, 0), alongX);
    try (FixedPointRegression regression =
        regression(FLOW, settings(RegressionSettings.Anchor.REPLAY), now)) {
      for (int step = 0; step < 30; step++) {
        regression.step(List.of(group), references(1, step), step);
      }
      assertThat(meanX(replayed(FLOW, regression.weights(), group)))
          .isGreaterThan(meanX(replayed(FLOW, now, group)) + 0.2);
    }
  }

  private static double meanX(float[] samples) {
    double sum = 0;
    for (int i = 0; i < samples.length; i += 2) {
      sum += samples[i];
    }
    return sum / (samples.length / 2.0);
  }

  @Test
  void shouldRefuseWeightsOrMomentsOfAnotherGenerator() throws WeightsException {
    Weights other = weights(CONDITIONAL, 1);
    assertThatThrownBy(
            () -> regression(FLOW, settings(RegressionSettings.Anchor.REPLAY), other).close())
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("another generator");
    try (FixedPointRegression regression =
        regression(FLOW, settings(RegressionSettings.Anchor.REPLAY), weights(FLOW, 1))) {
      assertThatThrownBy(() -> regression.restore(new Adam.State(1, new float[3], new float[3])))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("3 parameters");
    }
  }
}
