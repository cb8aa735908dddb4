// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.regression;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import java.util.List;
import java.util.Optional;
import org.favstream.actors.engine.Adam;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.learner.svgd.FloorMode;
import org.favstream.learner.svgd.ParticleBlock;
import org.favstream.learner.svgd.SteinVelocity;
import org.favstream.learner.svgd.VelocitySettings;
import org.favstream.protocol.Generation;
import org.favstream.protocol.GroupId;
import org.favstream.protocol.Noise;
import org.favstream.protocol.RewardVersion;
import org.favstream.protocol.ScoredGeneration;
import org.favstream.protocol.Scoring;
import org.favstream.protocol.Tensor;
import org.favstream.sampler.context.ContextRows;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.GeneratorSettings;
import org.favstream.sampler.generator.LoadedGenerator;
import org.favstream.sampler.noise.NoiseSource;

/** Small generators, groups made by them, and the parts of the loss taken one by one. */
final class RegressionCases {

  static final int PARTICLES = 12;
  static final int REFERENCES = 9;
  static final VelocitySettings VELOCITY =
      new VelocitySettings(2, List.of(0.5, 1.5), List.of(0.8), FloorMode.NONE, 1);
  static final double RATE = 0.01;

  static final Generator FLOW =
      new GeneratorSettings(GeneratorSettings.Family.MEANFLOW, 2, 0, 2, List.of(5), 2).create();
  static final Generator CONDITIONAL =
      new GeneratorSettings(GeneratorSettings.Family.DRIFT, 4, 3, 2, List.of(5), 1).create();

  static RegressionSettings settings(RegressionSettings.Anchor anchor) {
    return settings(anchor, 0, 0);
  }

  static RegressionSettings settings(
      RegressionSettings.Anchor anchor, double trustRadius, double maxVelocity) {
    return new RegressionSettings(
        VELOCITY,
        Tempering.NONE,
        false,
        anchor,
        trustRadius,
        maxVelocity,
        new LearningRate(RATE, 0, 0),
        Adam.Settings.adam(0)); // no clipping: the moments show the gradient
  }

  static Weights weights(Generator generator, long seed) throws WeightsException {
    return new Weights(generator.layout().tensors(), generator.initialParameters(seed));
  }

  static FixedPointRegression regression(
      Generator generator, RegressionSettings settings, Weights weights) throws WeightsException {
    return new FixedPointRegression(generator, settings, weights, Device.cpu());
  }

  /** A group made by these weights, with arbitrary reward gradients. */
  static ScoredGeneration.Scored group(
      Generator generator, Weights weights, int contexts, long counter) throws WeightsException {
    return group(generator, weights, contexts, new Noise(11, counter));
  }

  /** The same, of a noise of one's own. */
  static ScoredGeneration.Scored group(
      Generator generator, Weights weights, int contexts, Noise noise) throws WeightsException {
    int rows = contexts * PARTICLES;
    long counter = noise.counter();
    float[] contextValues =
        NoiseSource.normals(new Noise(12, counter), contexts * generator.contextSize());
    float[] particles = sample(generator, weights, noise, contextValues, rows);
    return scored(
        noise,
        contexts,
        generator.contextSize(),
        contextValues,
        particles,
        NoiseSource.normals(new Noise(13, counter), rows * 2));
  }

  static ScoredGeneration.Scored scored(
      Noise noise,
      int contexts,
      int contextSize,
      float[] contextValues,
      float[] particles,
      float[] gradients) {
    return new ScoredGeneration.Scored(
        new Generation(
            "run",
            new GroupId("s", 0, noise.counter()),
            0,
            noise,
            contextSize == 0
                ? Optional.empty()
                : Optional.of(Tensor.of(new int[] {contexts, contextSize}, contextValues)),
            Tensor.of(new int[] {contexts, PARTICLES, 2}, particles),
            Optional.empty(),
            0),
        Scoring.by(new RewardVersion("r", 1)),
        Tensor.of(new int[] {contexts, PARTICLES}, new float[contexts * PARTICLES]),
        Tensor.of(new int[] {contexts, PARTICLES, 2}, gradients));
  }

  static ScoredGeneration.Scored withGradients(ScoredGeneration.Scored group, float[] gradients) {
    return new ScoredGeneration.Scored(
        group.generation(),
        group.scoring(),
        group.rewards(),
        Tensor.of(group.gradients().shape(), gradients));
  }

  static float[] sample(
      Generator generator, Weights weights, Noise noise, float[] contextValues, int rows)
      throws WeightsException {
    try (LoadedGenerator loaded = new LoadedGenerator(generator, weights, Device.cpu())) {
      return loaded.sample(
          NoiseSource.normals(noise, rows, generator.noiseSize()),
          ContextRows.repeat(contextValues, generator.contextSize(), PARTICLES));
    }
  }

  static float[] replayed(Generator generator, Weights weights, ScoredGeneration.Scored group)
      throws WeightsException {
    Generation made = group.generation();
    return sample(
        generator,
        weights,
        made.noise(),
        made.contexts().map(Tensor::toArray).orElse(new float[0]),
        made.particles().length() / 2);
  }

  static float[] references(int blocks, long counter) {
    return NoiseSource.normals(new Noise(14, counter), blocks * REFERENCES * 2);
  }

  static float[] velocity(
      VelocitySettings settings, float[] at, float[] references, float[] gradients) {
    int contexts = at.length / (2 * PARTICLES);
    float[] velocity = new float[at.length];
    new SteinVelocity()
        .compute(
            settings,
            new ParticleBlock(contexts, PARTICLES, REFERENCES, 2, at, references, gradients),
            velocity);
    return velocity;
  }

  static float[] sum(float[] first, float[] second) {
    float[] sum = new float[first.length];
    for (int i = 0; i < sum.length; i++) {
      sum[i] = first[i] + second[i];
    }
    return sum;
  }

  static double loss(float[] samples, float[] target) {
    double sum = 0;
    for (int i = 0; i < samples.length; i++) {
      double residual = (double) samples[i] - target[i];
      sum += residual * residual;
    }
    return sum / samples.length;
  }

  /** What Adam saw in the only step so far: its mean is a tenth of it. */
  static double[] gradient(FixedPointRegression regression) {
    Adam.State moments = regression.moments();
    assertThat(moments.steps()).isEqualTo(1);
    double[] gradient = new double[moments.mean().length];
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] = moments.mean()[i] / 0.1;
    }
    return gradient;
  }

  static double norm(double[] vector) {
    double squared = 0;
    for (double number : vector) {
      squared += number * number;
    }
    return Math.sqrt(squared);
  }

  private RegressionCases() {}
}
