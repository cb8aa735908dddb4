// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.regression;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Optional;
import org.favstream.actors.engine.Adam;
import org.favstream.actors.engine.EngineScope;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.learner.svgd.ParticleBlock;
import org.favstream.learner.svgd.ScottBandwidth;
import org.favstream.learner.svgd.SteinVelocity;
import org.favstream.learner.svgd.VelocitySettings;
import org.favstream.protocol.Generation;
import org.favstream.protocol.ScoredGeneration;
import org.favstream.protocol.Tensor;
import org.favstream.sampler.context.ContextRows;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.Tape;
import org.favstream.sampler.noise.NoiseSource;

/**
 * The generator under training: weights, optimiser, and the step that joins them.
 *
 * <p>{@code L(θ) = mean ‖G(z, c; θ) - stopgrad(x + φ(x))‖²} over particles and dimensions (FAV,
 * arXiv 2605.26552, fixed-point regression). Its gradient is the vector-Jacobian product of the
 * generator with {@code 2/(n d) · (G - target)}, so the loss itself is never built as a tensor.
 * Confined to one thread at a time.
 */
public final class FixedPointRegression implements AutoCloseable {

  /**
   * What a step did.
   *
   * @param loss before the step
   * @param velocity root mean square of the velocity
   * @param moved root mean square distance of the particles from where they were scored
   * @param gradientNorm before clipping
   * @param skipped why no step was taken; empty where one was
   */
  public record Outcome(
      double loss, double velocity, double moved, double gradientNorm, Optional<String> skipped) {}

  /** Numbers that are looked at together: they stay in the L1 cache. */
  private static final int STRETCH = 1024;

  private final Generator generator;
  private final RegressionSettings settings;
  private final SteinVelocity stein;
  private final NDManager manager;
  private final NDArray parameters;
  private final Adam adam;

  // Of the last step; the next one of the same sizes fills them anew. They are large, and what is
  // large costs the garbage collector most.
  private Batch last = Batch.empty();
  private float[] velocity = {};
  private float[] cotangent = {};

  /**
   * Begins with these weights and fresh moments.
   *
   * @throws WeightsException where they are another generator's
   */
  public FixedPointRegression(
      Generator generator, RegressionSettings settings, Weights weights, Device device)
      throws WeightsException {
    weights.requireTensors(generator.layout().tensors());
    this.settings = settings;
    this.stein = new SteinVelocity();
    this.manager = NDManager.newBaseManager(device, "PyTorch");
    this.generator = generator.on(manager);
    this.parameters = manager.create(weights.values());
    this.adam = new Adam(manager, weights.length(), settings.optimiser());
  }

  /**
   * Goes on with these moments.
   *
   * @throws IllegalArgumentException where they are of another number of parameters
   */
  public void restore(Adam.State moments) {
    adam.restore(moments);
  }

  /** A copy of the optimiser's moments. */
  public Adam.State moments() {
    return adam.state();
  }

  /**
   * A copy of the weights.
   *
   * @throws WeightsException where one is not finite
   */
  public Weights weights() throws WeightsException {
    return new Weights(generator.layout().tensors(), parameters.toFloatArray());
  }

  /**
   * One step.
   *
   * @param groups of the same sizes; kernels act within a context of a group
   * @param references {@code (groups · contexts, m, d)}, row-major
   * @param step how many steps went before
   */
  public Outcome step(List<ScoredGeneration.Scored> groups, float[] references, long step) {
    Batch batch = Batch.of(groups, generator, last);
    last = batch;
    int d = generator.sampleSize();
    try (EngineScope scope = new EngineScope(manager)) {
      NDManager here = scope.manager();
      NDArray noise = here.create(batch.noise(), new Shape(batch.rows(), generator.noiseSize()));
      Optional<NDArray> contexts =
          generator.contextSize() == 0
              ? Optional.empty()
              : Optional.of(
                  here.create(batch.contexts(), new Shape(batch.rows(), generator.contextSize())));
      Tape tape = generator.taped(parameters, noise, contexts);
      float[] now = tape.samples().toFloatArray();

      boolean replay = settings.anchor() == RegressionSettings.Anchor.REPLAY;
      float[] anchor = replay ? now : batch.particles();
      float[] gradients = replay ? trusted(batch, now) : batch.gradients();
      velocity = sized(velocity, now.length);
      move(batch, anchor, references, gradients, step);

      // The cotangent 2/(n d) (G - target), with target = anchor + velocity.
      float scale = 2f / now.length;
      cotangent = sized(cotangent, now.length);
      double cotangents = 0;
      double velocities = 0;
      double ways = 0;
      for (int from = 0; from < now.length; from += STRETCH) {
        int to = Math.min(from + STRETCH, now.length);
        for (int i = from; i < to; i++) {
          cotangent[i] = scale * (now[i] - (anchor[i] + velocity[i]));
        }
        cotangents += Squares.sum(cotangent, from, to);
        velocities += Squares.sum(velocity, from, to);
        ways += Squares.ofDifferences(now, batch.particles(), from, to);
      }
      double loss = cotangents / ((double) scale * scale * now.length);
      if (!Double.isFinite(loss)) {
        return new Outcome(
            loss, Double.NaN, Double.NaN, Double.NaN, Optional.of("loss is " + loss));
      }
      NDArray seed = here.create(cotangent, new Shape(batch.rows(), d));
      NDArray gradient = tape.pullBack(seed);
      double norm = adam.step(parameters, gradient, settings.learningRate().at(step));
      return new Outcome(
          loss,
          Math.sqrt(velocities / now.length),
          Math.sqrt(ways / batch.rows()),
          norm,
          Double.isFinite(norm) ? Optional.empty() : Optional.of("gradient norm is " + norm));
    }
  }

  private static float[] sized(float[] array, int length) {
    return array.length == length ? array : new float[length];
  }

  private void move(Batch batch, float[] anchor, float[] references, float[] gradients, long step) {
    int d = generator.sampleSize();
    int m = references.length / (batch.blocks() * d);
    VelocitySettings constants = settings.velocity();
    constants = constants.withBeta(constants.beta() * settings.tempering().at(step));
    if (settings.scott()) {
      constants = constants.withBandwidth(ScottBandwidth.sigma(references, batch.blocks() * m, d));
    }
    stein.compute(
        constants,
        new ParticleBlock(batch.blocks(), batch.perBlock(), m, d, anchor, references, gradients),
        velocity);
    bound(d);
  }

  /** Shortens each velocity that is too long. */
  private void bound(int d) {
    double most = settings.maxVelocity();
    if (most == 0) {
      return;
    }
    for (int first = 0; first < velocity.length; first += d) {
      double squared = 0;
      for (int j = first; j < first + d; j++) {
        squared += (double) velocity[j] * velocity[j];
      }
      if (squared > most * most) {
        float share = (float) (most / Math.sqrt(squared));
        for (int j = first; j < first + d; j++) {
          velocity[j] *= share;
        }
      }
    }
  }

  /** The logged gradients, each the less the farther its particle has moved since. */
  private float[] trusted(Batch batch, float[] now) {
    double radius = settings.trustRadius();
    if (radius == 0) {
      return batch.gradients();
    }
    int d = generator.sampleSize();
    float[] trusted = batch.gradients().clone();
    for (int row = 0; row < batch.rows(); row++) {
      double squared = 0;
      for (int j = row * d; j < (row + 1) * d; j++) {
        double way = now[j] - batch.particles()[j];
        squared += way * way;
      }
      float trust = (float) (1 / (1 + squared / (radius * radius)));
      for (int j = row * d; j < (row + 1) * d; j++) {
        trusted[j] *= trust;
      }
    }
    return trusted;
  }

  @Override
  public void close() {
    manager.close();
  }

  /** Several groups as one block of rows. */
  @SuppressWarnings("ArrayRecordComponent") // used for one step
  private record Batch(
      int blocks,
      int perBlock,
      float[] noise,
      float[] contexts,
      float[] particles,
      float[] gradients) {

    int rows() {
      return blocks * perBlock;
    }

    static Batch empty() {
      return new Batch(0, 0, new float[0], new float[0], new float[0], new float[0]);
    }

    /** Of these groups, in the arrays of another one where their sizes are the same. */
    static Batch of(List<ScoredGeneration.Scored> groups, Generator generator, Batch other) {
      Tensor first = groups.get(0).generation().particles();
      int blocksPerGroup = first.size(0);
      int perBlock = first.size(1);
      int rowsPerGroup = blocksPerGroup * perBlock;
      int rows = groups.size() * rowsPerGroup;
      int d = first.size(2);
      float[] noise = sized(other.noise, rows * generator.noiseSize());
      float[] contexts = sized(other.contexts, rows * generator.contextSize());
      float[] particles = sized(other.particles, rows * d);
      float[] gradients = sized(other.gradients, rows * d);
      for (int g = 0; g < groups.size(); g++) {
        Generation generation = groups.get(g).generation();
        float[] normals =
            NoiseSource.normals(generation.noise(), rowsPerGroup, generator.noiseSize());
        System.arraycopy(normals, 0, noise, g * normals.length, normals.length);
        generation.particles().asBuffer().get(particles, g * rowsPerGroup * d, rowsPerGroup * d);
        groups.get(g).gradients().asBuffer().get(gradients, g * rowsPerGroup * d, rowsPerGroup * d);
        if (generator.contextSize() > 0) {
          float[] repeated =
              ContextRows.repeat(
                  generation.contexts().orElseThrow().toArray(), generator.contextSize(), perBlock);
          System.arraycopy(repeated, 0, contexts, g * repeated.length, repeated.length);
        }
      }
      return new Batch(
          groups.size() * blocksPerGroup, perBlock, noise, contexts, particles, gradients);
    }
  }
}
