// SPDX-License-Identifier: Apache-2.0
package org.favstream.bench;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.infra.job.Job;
import org.favstream.infra.job.JobCatalog;
import org.favstream.learner.node.LearnerSettings;
import org.favstream.learner.regression.FixedPointRegression;
import org.favstream.learner.regression.ReferencePool;
import org.favstream.learner.regression.RegressionSettings;
import org.favstream.protocol.Noise;
import org.favstream.reward.model.RewardModel;
import org.favstream.sampler.generator.LoadedGenerator;

/**
 * How much of a learner's gradient is noise: the gradients of many batches of the toy at its
 * pre-trained weights, with independent and with quasi-random noise of particles and references.
 *
 * <pre>
 * ./mvnw -ntp -q -pl infra/bench -am -DskipTests package
 * java --add-modules=jdk.incubator.vector -Dai.djl.offline=true -Dai.djl.pytorch.num_threads=1 -Xmx1g \
 *   -cp 'infra/bench/target/benchmarks.jar:infra/bench/target/lib/*' org.favstream.bench.GradientNoise \
 *   BATCHES [key=value…]
 * </pre>
 */
public final class GradientNoise implements AutoCloseable {
  private final Job job;
  private final Noise.Kind kind;
  private final LearnerSettings settings;
  private final Weights weights;
  private final LoadedGenerator sampler;
  private final RewardModel reward;
  private final ReferencePool pool;

  private GradientNoise(Job job, Noise.Kind kind) throws WeightsException {
    this.job = job;
    this.kind = kind;
    this.settings = job.read(config -> LearnerSettings.of(config, Path.of("unused")));
    this.weights = job.initialWeights();
    this.sampler = loaded();
    this.reward = job.rewards().model().get();
    this.pool =
        new ReferencePool(
            loaded(), kind, job.seed(), settings.referencePool(), settings.referencesPerStep());
  }

  private LoadedGenerator loaded() throws WeightsException {
    return new LoadedGenerator(job.generator().create(), weights, Device.cpu());
  }

  /** Prints a row for each kind of noise. */
  public static void main(String[] args) throws WeightsException {
    Job job = JobCatalog.load("eight-gaussians", List.of(args).subList(1, args.length));
    for (Noise.Kind kind : Noise.Kind.values()) {
      try (GradientNoise noise = new GradientNoise(job, kind)) {
        noise.print(Integer.parseInt(args[0]));
      }
    }
    System.exit(0); // DJL leaves threads behind
  }

  private void print(int batches) throws WeightsException {
    double[] sum = new double[weights.length()];
    double[] squares = new double[sum.length];
    for (int batch = 0; batch < batches; batch++) {
      float[] gradient = gradient(batch);
      for (int i = 0; i < sum.length; i++) {
        sum[i] += gradient[i];
        squares[i] += (double) gradient[i] * gradient[i];
      }
    }
    double signal = 0;
    double noise = 0;
    for (int i = 0; i < sum.length; i++) {
      // Without bias: the products of different batches alone.
      double squaredMean = (sum[i] * sum[i] - squares[i]) / ((double) batches * (batches - 1));
      signal += squaredMean;
      noise += squares[i] / batches - squaredMean;
    }
    System.out.printf(
        Locale.ROOT,
        "%-12s  norm of the mean %.4f  of the noise %.4f  squared ratio %.2f%n",
        kind,
        Math.sqrt(Math.max(0, signal)),
        Math.sqrt(noise),
        signal / noise);
  }

  /** Of the learner's own first step: a fresh mean of Adam is {@code (1 - β₁)} of the gradient. */
  private float[] gradient(long batch) throws WeightsException {
    RegressionSettings step = settings.regression();
    try (FixedPointRegression regression =
        new FixedPointRegression(job.generator().create(), step, weights, Device.cpu())) {
      FixedPointRegression.Outcome unused =
          regression.step(
              List.of(LagStudy.group(job, kind, batch, sampler, reward)),
              pool.draw(batch, settings.referencesPerStep()),
              0);
      float[] gradient = regression.moments().mean();
      for (int i = 0; i < gradient.length; i++) {
        gradient[i] /= (float) (1 - step.optimiser().beta1());
      }
      return gradient;
    }
  }

  @Override
  public void close() {
    pool.close();
    reward.close();
    sampler.close();
  }
}
