// SPDX-License-Identifier: Apache-2.0
package org.favstream.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.favstream.actors.engine.EngineScope;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.infra.job.Job;
import org.favstream.infra.job.JobCatalog;
import org.favstream.learner.node.LearnerSettings;
import org.favstream.learner.regression.ReferencePool;
import org.favstream.learner.svgd.ParticleBlock;
import org.favstream.learner.svgd.SteinVelocity;
import org.favstream.learner.svgd.VelocitySettings;
import org.favstream.protocol.Noise;
import org.favstream.reward.model.RewardModel;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.LoadedGenerator;
import org.favstream.sampler.generator.Tape;
import org.favstream.sampler.noise.NoiseSource;

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
  private final Noise.Kind kind;
  private final int particles;
  private final int references;
  private final VelocitySettings velocity;
  private final NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
  private final Generator generator;
  private final NDArray parameters;
  private final RewardModel reward;
  private final ReferencePool pool;
  private final SteinVelocity stein = new SteinVelocity();
  private final long noiseKey;

  private GradientNoise(Job job, Noise.Kind wanted) throws WeightsException {
    LearnerSettings settings = job.read(config -> LearnerSettings.of(config, Path.of("unused")));
    Weights weights = job.initialWeights();
    this.generator = job.generator().create().on(manager);
    this.kind = NoiseSource.kind(wanted, generator.noiseSize());
    this.particles = job.sampler().particlesPerContext();
    this.references = settings.referencesPerStep();
    this.velocity = settings.regression().velocity();
    this.parameters = manager.create(weights.values());
    this.reward = job.rewards().model().get();
    this.pool =
        new ReferencePool(
            new LoadedGenerator(job.generator().create(), weights, Device.cpu()),
            kind,
            job.seed(),
            settings.referencePool(),
            references);
    this.noiseKey = NoiseSource.key(job.seed(), "sampler-0", 0);
  }

  /** Prints a row for each kind of noise. */
  public static void main(String[] args) throws WeightsException {
    int batches = Integer.parseInt(args[0]);
    List<String> settings = new ArrayList<>(List.of(args).subList(1, args.length));
    for (Noise.Kind kind : Noise.Kind.values()) {
      try (GradientNoise noise =
          new GradientNoise(JobCatalog.load("eight-gaussians", settings), kind)) {
        noise.print(batches);
      }
    }
    System.exit(0); // DJL leaves threads behind
  }

  private void print(int batches) {
    double[] sum = new double[(int) parameters.size()];
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

  private float[] gradient(long batch) {
    int d = generator.sampleSize();
    Noise noise = new Noise(noiseKey, batch, kind);
    float[] normals = NoiseSource.normals(noise, particles, generator.noiseSize());
    try (EngineScope scope = new EngineScope(manager)) {
      Shape rows = new Shape(particles, generator.noiseSize());
      Tape tape =
          generator.taped(parameters, scope.manager().create(normals, rows), Optional.empty());
      float[] x = tape.samples().toFloatArray();
      RewardModel.Rewards scored =
          reward.evaluate(new RewardModel.Block(1, particles, d, x, new float[0], noise));
      float[] cotangent = new float[x.length];
      stein.compute(
          velocity,
          new ParticleBlock(
              1, particles, references, d, x, pool.draw(batch, references), scored.gradients()),
          cotangent);
      for (int i = 0; i < cotangent.length; i++) {
        cotangent[i] *= -2f / cotangent.length;
      }
      return tape.pullBack(scope.manager().create(cotangent, new Shape(particles, d)))
          .toFloatArray();
    }
  }

  @Override
  public void close() {
    pool.close();
    reward.close();
    manager.close();
  }
}
