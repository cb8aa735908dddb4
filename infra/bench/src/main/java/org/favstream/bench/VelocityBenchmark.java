// SPDX-License-Identifier: Apache-2.0
package org.favstream.bench;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.favstream.learner.svgd.ParticleBlock;
import org.favstream.learner.svgd.SteinVelocity;
import org.favstream.learner.svgd.VelocitySettings;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The Stein velocity alone, in one thread. Single calls are sampled: on a machine that is shared
 * with others the median tells more than the mean.
 *
 * <pre>
 * ./mvnw -ntp -q -pl infra/bench -am -DskipTests package
 * java -jar infra/bench/target/benchmarks.jar VelocityBenchmark
 * java -jar infra/bench/target/benchmarks.jar VelocityBenchmark -p shape=1x2048x2048x2
 * </pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class VelocityBenchmark {
  private static final Pattern BY = Pattern.compile("x");

  /**
   * Contexts x particles x references x dimensions. The first are single blocks; then come many
   * small contexts of many dimensions, a conditional job's groups, with few and with many
   * references, and a policy's.
   */
  @Param({
    "1x8x8x2",
    "1x8x8x64",
    "1x8x8x768",
    "1x256x256x2",
    "1x256x256x64",
    "1x256x256x768",
    "1x2048x2048x2",
    "1x2048x2048x64",
    "1x2048x2048x768",
    "1x8192x8192x2",
    "1x8192x8192x64",
    "1x8192x8192x768",
    "64x8x1x1280",
    "32x8x8x8",
    "32x8x64x8",
    "256x8x1x8"
  })
  public String shape = "1x1x1x1";

  private final SteinVelocity velocity = new SteinVelocity();
  private VelocitySettings settings = VelocitySettings.of(1, 1);
  private ParticleBlock block =
      new ParticleBlock(1, 1, 1, 1, new float[1], new float[1], new float[1]);
  private float[] velocities = new float[1];

  /** Draws particles, references and reward gradients, with a fixed seed. */
  @Setup
  public void draw() {
    int[] sizes = BY.splitAsStream(shape).mapToInt(Integer::parseInt).toArray();
    int particles = sizes[0] * sizes[1] * sizes[3];
    int references = sizes[0] * sizes[2] * sizes[3];
    Random random = new Random(1);
    block =
        new ParticleBlock(
            sizes[0],
            sizes[1],
            sizes[2],
            sizes[3],
            normal(random, particles),
            normal(random, references),
            normal(random, particles));
    settings = VelocitySettings.of(1, sizes[3] == 2 ? 0.05 : 2 * sizes[3]);
    velocities = new float[particles];
  }

  private static float[] normal(Random random, int count) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  /** One velocity of the whole block. */
  @Benchmark
  public float[] velocity() {
    velocity.compute(settings, block, velocities);
    return velocities;
  }
}
