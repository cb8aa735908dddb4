// SPDX-License-Identifier: Apache-2.0
package org.favstream.bench;

import ai.djl.Device;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.favstream.actors.engine.Adam;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.learner.regression.FixedPointRegression;
import org.favstream.learner.regression.LearningRate;
import org.favstream.learner.regression.ReferencePool;
import org.favstream.learner.regression.RegressionSettings;
import org.favstream.learner.regression.Tempering;
import org.favstream.learner.svgd.FloorMode;
import org.favstream.learner.svgd.VelocitySettings;
import org.favstream.protocol.Generation;
import org.favstream.protocol.GroupId;
import org.favstream.protocol.Noise;
import org.favstream.protocol.RewardVersion;
import org.favstream.protocol.ScoredGeneration;
import org.favstream.protocol.Scoring;
import org.favstream.protocol.Tensor;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.GeneratorSettings;
import org.favstream.sampler.generator.LoadedGenerator;
import org.favstream.sampler.noise.NoiseSource;

/**
 * One whole learner step of the toy as the learner takes it: noise from its counter, forward pass,
 * references from the pool, velocity, backward pass, Adam. MLP 2 → 3 × 256 SiLU → 2, 2048
 * particles, 2048 references. Prints the CPU time of the process a step, the JVM's own threads
 * included: the median of blocks of fifty steps. The same step in PyTorch is {@code
 * infra/bench/pytorch}; {@code infra/bench/learner_step.sh} runs both in turn.
 */
public final class LearnerStepTimer {
  private static final int PARTICLES = 2048;
  private static final int POOL = 200_000;
  private static final int WARM_UP = 200;
  private static final int BLOCK = 50; // the process's clock ticks in 10 ms

  private LearnerStepTimer() {}

  /** {@code LearnerStepTimer [STEPS]}. */
  public static void main(String[] args) throws WeightsException {
    int steps = args.length > 0 ? Integer.parseInt(args[0]) : 600;
    Generator generator =
        new GeneratorSettings(GeneratorSettings.Family.DRIFT, 2, 0, 2, List.of(256, 256, 256), 1)
            .create();
    Weights weights = new Weights(generator.layout().tensors(), generator.initialParameters(1));
    RegressionSettings settings =
        new RegressionSettings(
            new VelocitySettings(1, List.of(0.05), List.of(0.05), FloorMode.NONE, 1),
            Tempering.NONE,
            false,
            RegressionSettings.Anchor.REPLAY,
            0,
            0,
            new LearningRate(1e-4, 0, 0),
            Adam.Settings.adam(0));
    OperatingSystemMXBean process =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    try (FixedPointRegression regression =
            new FixedPointRegression(generator, settings, weights, Device.cpu());
        ReferencePool pool =
            new ReferencePool(
                new LoadedGenerator(generator, weights, Device.cpu()),
                Noise.Kind.INDEPENDENT,
                1,
                POOL,
                PARTICLES)) {
      double[] blocks = new double[steps / BLOCK];
      long then = 0;
      for (int step = 0; step < WARM_UP + blocks.length * BLOCK; step++) {
        if (step >= WARM_UP && (step - WARM_UP) % BLOCK == 0) {
          long now = process.getProcessCpuTime();
          if (step > WARM_UP) {
            blocks[(step - WARM_UP) / BLOCK - 1] = (now - then) / 1e6 / BLOCK;
          }
          then = now;
        }
        regression.step(List.of(group(step)), pool.draw(step, PARTICLES), step);
      }
      blocks[blocks.length - 1] = (process.getProcessCpuTime() - then) / 1e6 / BLOCK;
      Arrays.sort(blocks);
      System.out.printf(
          Locale.ROOT,
          "favstream, Java %s: %.1f ms CPU a step (least %.1f)%n",
          Runtime.version().feature(),
          blocks[blocks.length / 2],
          blocks[0]);
    }
  }

  private static ScoredGeneration.Scored group(int step) {
    Noise noise = new Noise(7, step);
    float[] particles = NoiseSource.normals(noise, 2 * PARTICLES);
    return new ScoredGeneration.Scored(
        new Generation(
            "bench",
            new GroupId("sampler", 0, step),
            step,
            noise,
            Optional.empty(),
            Tensor.of(new int[] {1, PARTICLES, 2}, particles),
            Optional.empty(),
            0),
        Scoring.by(new RewardVersion("given", 1)),
        Tensor.of(new int[] {1, PARTICLES}, new float[PARTICLES]),
        Tensor.of(new int[] {1, PARTICLES, 2}, particles));
  }
}
