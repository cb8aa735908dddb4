// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.pretraining;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.typesafe.config.Config;
import java.util.Arrays;
import java.util.Optional;
import org.favstream.actors.config.ConfigurationException;
import org.favstream.actors.engine.Adam;
import org.favstream.actors.engine.EngineScope;
import org.favstream.actors.engine.Gradients;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.Noise;
import org.favstream.sampler.dataset.Dataset;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.GeneratorSettings;
import org.favstream.sampler.noise.NoiseSource;

/** Makes a generator's first weights from data. */
public final class Pretraining {

  /**
   * How long and how fast; section {@code pretraining}.
   *
   * @param steps optimiser steps
   * @param batch samples a step
   * @param learningRate at the start; it falls to 0 along half a cosine
   */
  public record Settings(int steps, int batch, double learningRate) {
    public Settings {
      if (steps < 1 || batch < 2 || !(learningRate > 0)) {
        throw new IllegalArgumentException(
            "pretraining: steps %d (at least 1), batch %d (at least 2), learning-rate %s (above 0)"
                .formatted(steps, batch, learningRate));
      }
    }

    /** Reads section {@code pretraining} of a job. */
    public static Settings of(Config job) {
      Config section = job.getConfig("pretraining");
      return new Settings(
          section.getInt("steps"), section.getInt("batch"), section.getDouble("learning-rate"));
    }
  }

  /** Told of the progress, and asked whether to go on. */
  @FunctionalInterface
  public interface Progress {
    /**
     * After every hundredth step.
     *
     * @param step how many steps are done
     * @param loss mean loss since the last call
     * @return whether to go on; if not, the weights are those reached
     */
    boolean at(int step, double loss);
  }

  private static final int REPORT_EVERY = 100;

  private Pretraining() {}

  /**
   * Trains.
   *
   * @param seed of the start and of all draws
   * @throws WeightsException where training ran into numbers that are not finite
   * @throws ConfigurationException where the generator's family is not pre-trained
   */
  public static Weights train(
      GeneratorSettings settings,
      Dataset data,
      Settings training,
      long seed,
      Device device,
      Progress progress)
      throws WeightsException {
    Generator generator = settings.create();
    Objective objective = objective(settings);
    float[] initial = objective.initialParameters(NoiseSource.key(seed, "initial", 0));
    long dataKey = NoiseSource.key(seed, "data", 0);
    long noiseKey = NoiseSource.key(seed, "noise", 0);
    try (NDManager manager = NDManager.newBaseManager(device, "PyTorch");
        NDArray parameters = manager.create(initial);
        Adam adam = new Adam(manager, initial.length, objective.optimiser())) {
      double sum = 0;
      for (int step = 0; step < training.steps(); step++) {
        double rate =
            training.learningRate() * 0.5 * (1 + Math.cos(Math.PI * step / training.steps()));
        Dataset.Batch batch = data.draw(new Noise(dataKey, step), training.batch());
        try (EngineScope scope = new EngineScope(manager)) {
          NDArray leaf = Gradients.leafOf(parameters);
          NDArray loss =
              objective.loss(leaf, stepOf(scope.manager(), batch, data, new Noise(noiseKey, step)));
          double value = loss.getFloat();
          double norm = adam.step(parameters, Gradients.inLeaf(loss, loss.onesLike(), leaf), rate);
          if (!Double.isFinite(value) || !Double.isFinite(norm)) {
            throw new WeightsException(
                "pre-training, step %d: the loss is %s, its gradient's norm %s: check the data, or lower pretraining.learning-rate"
                    .formatted(step + 1, value, norm));
          }
          sum += value;
        }
        if ((step + 1) % REPORT_EVERY == 0) {
          if (!progress.at(step + 1, sum / REPORT_EVERY)) {
            break;
          }
          sum = 0;
        }
      }
      float[] all = parameters.toFloatArray();
      return new Weights(
          generator.layout().tensors(), Arrays.copyOf(all, generator.layout().length()));
    }
  }

  private static Objective objective(GeneratorSettings settings) {
    return switch (settings.family()) {
      case VAE -> new VaeObjective(settings.create(), settings.hidden());
      case DRIFT -> new DriftObjective(settings.create());
      case MEANFLOW -> new MeanFlowObjective(settings.meanFlow());
      case POLICY ->
          throw new ConfigurationException(
              "a policy is not pre-trained: it starts fresh, with the data set as its reference");
      case TORCHSCRIPT ->
          throw new ConfigurationException(
              "family torchscript is not pre-trained here: its module brings the weights along");
    };
  }

  private static Objective.Step stepOf(
      NDManager manager, Dataset.Batch batch, Dataset data, Noise draw) {
    int size = batch.samples().length / data.sampleSize();
    return new Objective.Step(
        manager,
        manager.create(batch.samples(), new Shape(size, data.sampleSize())),
        data.contextSize() == 0
            ? Optional.empty()
            : Optional.of(manager.create(batch.contexts(), new Shape(size, data.contextSize()))),
        draw);
  }
}
