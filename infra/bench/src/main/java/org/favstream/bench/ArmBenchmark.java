// SPDX-License-Identifier: Apache-2.0
package org.favstream.bench;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.favstream.sampler.arm.ArmEnvironment;
import org.favstream.sampler.arm.ArmSystem;
import org.favstream.sampler.environment.Environment.Step;
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
 * An episode of a simulated arm, 200 control steps, in one thread: with the drawing of its target,
 * all observations and rewards. Single episodes are sampled: on a machine that is shared with
 * others the median tells more than the mean.
 *
 * <pre>
 * ./mvnw -ntp -q -pl infra/bench -am -DskipTests package
 * java -jar infra/bench/target/benchmarks.jar ArmBenchmark
 * </pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class ArmBenchmark {
  /** Two links and three. */
  @Param({"great-devious-beetle", "talented-steel-butterfly"})
  public String system = "great-devious-beetle";

  /** Runge-Kutta steps a control step. */
  @Param({"2", "10"})
  public int substeps = 2;

  private ArmEnvironment arm = new ArmEnvironment(ArmSystem.of(system), 1, substeps);
  private float[] actions = new float[0];
  private long seed;

  /** Draws actions, with a fixed seed. */
  @Setup
  public void draw() {
    arm = new ArmEnvironment(ArmSystem.of(system), 1, substeps);
    actions = new float[arm.spec().actionSize()];
    Random random = new Random(1);
    for (int i = 0; i < actions.length; i++) {
      actions[i] = (float) (0.5 * random.nextGaussian());
    }
  }

  /** One episode; the last observation. */
  @Benchmark
  public float[] episode() {
    arm.reset(0, seed++);
    float[] last = actions;
    for (int t = 0; t < ArmSystem.EPISODE_STEPS; t++) {
      Step step = arm.step(actions);
      last = step.observations();
    }
    return last;
  }
}
