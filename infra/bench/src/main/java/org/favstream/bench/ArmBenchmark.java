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
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Control steps a second of simulated arms in one thread: whole episodes of 16 copies, each with
 * the drawing of its target, all observations and rewards.
 *
 * <pre>
 * ./mvnw -ntp -q -pl infra/bench -am -DskipTests package
 * java -jar infra/bench/target/benchmarks.jar ArmBenchmark
 * </pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class ArmBenchmark {
  private static final int COPIES = 16;

  /** Two links and three. */
  @Param({"great-devious-beetle", "talented-steel-butterfly"})
  public String system = "great-devious-beetle";

  /** Runge-Kutta steps a control step. */
  @Param({"2", "10"})
  public int substeps = 2;

  private ArmEnvironment arms = new ArmEnvironment(ArmSystem.of(system), COPIES, substeps);
  private float[] actions = new float[0];
  private long seed;

  /** Draws actions, with a fixed seed. */
  @Setup
  public void draw() {
    arms = new ArmEnvironment(ArmSystem.of(system), COPIES, substeps);
    actions = new float[COPIES * arms.spec().actionSize()];
    Random random = new Random(1);
    for (int i = 0; i < actions.length; i++) {
      actions[i] = (float) (0.5 * random.nextGaussian());
    }
  }

  /** An episode of all copies. */
  @Benchmark
  @OperationsPerInvocation(COPIES * ArmSystem.EPISODE_STEPS)
  public float[] episodes() {
    for (int copy = 0; copy < COPIES; copy++) {
      arms.reset(copy, seed++);
    }
    float[] last = actions;
    for (int t = 0; t < ArmSystem.EPISODE_STEPS; t++) {
      Step step = arms.step(actions);
      last = step.observations();
    }
    return last;
  }
}
