// SPDX-License-Identifier: Apache-2.0
package org.favstream.bench;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.infra.job.Job;
import org.favstream.infra.job.JobCatalog;
import org.favstream.learner.node.LearnerSettings;
import org.favstream.learner.regression.FixedPointRegression;
import org.favstream.learner.regression.ReferencePool;
import org.favstream.protocol.Generation;
import org.favstream.protocol.GroupId;
import org.favstream.protocol.Noise;
import org.favstream.protocol.RewardVersion;
import org.favstream.protocol.ScoredGeneration;
import org.favstream.protocol.Scoring;
import org.favstream.protocol.Tensor;
import org.favstream.reward.evaluation.Evaluator;
import org.favstream.reward.model.RewardModel;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.LoadedGenerator;
import org.favstream.sampler.noise.NoiseSource;

/**
 * What lag costs: the toy with groups that are older than the learner's weights by a fixed number
 * of learner steps, for both anchors. The sampler, reward and learner are those of a run, called in
 * turn without the log between them, so that the lag is exact and every row sees the same noise.
 *
 * <pre>
 * ./mvnw -ntp -q -pl infra/bench -am -DskipTests package
 * java --add-modules=jdk.incubator.vector -Dai.djl.offline=true -Dai.djl.pytorch.num_threads=1 -Xmx1g \
 *   -cp 'infra/bench/target/benchmarks.jar:infra/bench/target/lib/*' org.favstream.bench.LagStudy \
 *   GENERATOR_STEPS SEEDS LEARNER_STEPS [LAG…] [anchor=replay|logged] [key=value…]
 * </pre>
 */
public final class LagStudy {
  private final Job job;
  private final int lag;
  private final long steps;

  private LagStudy(Job job, int lag, long steps) {
    this.job = job;
    this.lag = lag;
    this.steps = steps;
  }

  /** Prints a row as soon as it is known. */
  public static void main(String[] args) throws WeightsException {
    int seeds = Integer.parseInt(args[1]);
    long steps = Long.parseLong(args[2]);
    List<Integer> lags = new ArrayList<>();
    List<String> settings = new ArrayList<>(List.of("generator.steps=" + args[0]));
    List<String> anchors = List.of("replay", "logged");
    for (String arg : List.of(args).subList(3, args.length)) {
      if (arg.startsWith("anchor=")) {
        anchors = List.of(arg.substring("anchor=".length()));
      } else if (arg.contains("=")) {
        settings.add(arg);
      } else {
        lags.add(Integer.parseInt(arg));
      }
    }
    for (int seed = 1; seed <= seeds; seed++) {
      for (int lag : lags.isEmpty() ? List.of(0, 4, 16, 64) : lags) {
        for (String anchor : lag == 0 ? List.of("replay") : anchors) {
          List<String> all = new ArrayList<>(settings);
          all.add("run.seed=" + seed);
          all.add("learner.anchor=" + anchor);
          Map<String, Double> metrics =
              new LagStudy(JobCatalog.load("eight-gaussians", all), lag, steps).run();
          System.out.printf(
              Locale.ROOT,
              "seed %d  lag %3d  %-6s  KL %.4f (of 5 draws ± %.4f, floor %.4f)  MMD2 %.5f%n",
              seed,
              lag,
              anchor,
              metrics.get("kl"),
              metrics.get("klStd"),
              metrics.get("klFloor"),
              metrics.get("mmd2"));
        }
      }
    }
    System.exit(0); // DJL leaves threads behind
  }

  private Map<String, Double> run() throws WeightsException {
    Generator generator = job.generator().create();
    Weights first = job.initialWeights();
    LearnerSettings settings = job.read(config -> LearnerSettings.of(config, Path.of("unused")));
    RewardModel reward = job.rewards().model().get();
    Device device = Device.cpu();
    Queue<ScoredGeneration.Scored> underWay = new ArrayDeque<>();
    try (FixedPointRegression regression =
            new FixedPointRegression(generator, settings.regression(), first, device);
        LoadedGenerator sampler = new LoadedGenerator(generator, first, device);
        ReferencePool pool =
            new ReferencePool(
                new LoadedGenerator(generator, first, device),
                settings.noise(),
                job.seed(),
                settings.referencePool(),
                settings.referencesPerStep());
        Evaluator evaluator = job.evaluator().get()) {
      long made = 0;
      for (long step = 0; step < steps; step++) {
        for (; made <= step + lag; made++) {
          underWay.add(group(job, job.sampler().noise(), made, sampler, reward));
        }
        float[] references = pool.draw(step, settings.referencesPerStep());
        regression.step(List.of(underWay.remove()), references, step);
        sampler.swap(regression.weights());
      }
      return evaluator.evaluate(sampler, Evaluator.Depth.FULL);
    }
  }

  /** A group of the toy, as a run's sampler and reward make it. */
  static ScoredGeneration.Scored group(
      Job job, Noise.Kind kind, long index, LoadedGenerator sampler, RewardModel reward) {
    int particles = job.sampler().particlesPerContext();
    Noise noise = new Noise(NoiseSource.key(job.seed(), "sampler-0", 0), index, kind);
    float[] normals = NoiseSource.normals(noise, particles, sampler.generator().noiseSize());
    float[] x = sampler.sample(normals, new float[0]);
    RewardModel.Rewards scored =
        reward.evaluate(new RewardModel.Block(1, particles, 2, x, new float[0], noise));
    int[] shape = {1, particles, 2};
    return new ScoredGeneration.Scored(
        new Generation(
            "study",
            new GroupId("sampler-0", 0, index),
            index,
            noise,
            Optional.empty(),
            Tensor.of(shape, x),
            Optional.empty(),
            0),
        Scoring.by(new RewardVersion("study", 1)),
        Tensor.of(new int[] {1, particles}, scored.values()),
        Tensor.of(shape, scored.gradients()));
  }
}
