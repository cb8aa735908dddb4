// SPDX-License-Identifier: Apache-2.0
package org.favstream.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import org.favstream.infra.environment.NodeEnvironments;
import org.favstream.sampler.environment.Environment;
import org.favstream.sampler.environment.EnvironmentException;
import org.favstream.sampler.environment.PointMass;
import org.favstream.sampler.environment.remote.EnvironmentServer;
import org.favstream.sampler.environment.remote.RemoteEnvironment;
import org.favstream.sampler.environment.remote.SpawnedEnvironment;

/**
 * How many environment steps a second go over loopback, resets included: real MuJoCo in Node, and a
 * point mass in this JVM, which shows what the protocol alone costs. A batch of so many copies
 * counts as so many steps. Prints each round and the median.
 *
 * <pre>
 * ./mvnw -ntp -q -pl infra/bench -am -DskipTests package
 * java -Dfavstream.environments=infra/target/dist/environments \
 *   -cp 'infra/bench/target/benchmarks.jar:infra/bench/target/lib/*' \
 *   org.favstream.bench.EnvironmentThroughput [COPIES]
 * </pre>
 */
public final class EnvironmentThroughput {
  private static final int ROUNDS = 7;
  private static final long ROUND_NANOS = Duration.ofSeconds(3).toNanos();
  private static final long SEED = 1;
  private static final RemoteEnvironment.Settings SETTINGS =
      new RemoteEnvironment.Settings(
          Duration.ofMinutes(1), Duration.ofSeconds(10), Optional.empty());

  private EnvironmentThroughput() {}

  /** {@code EnvironmentThroughput [COPIES]}. */
  public static void main(String[] args) throws EnvironmentException, IOException {
    int copies = args.length > 0 ? Integer.parseInt(args[0]) : 8;
    Path log = Files.createTempFile("favstream-bench", ".log");
    try (Environment reacher =
        SpawnedEnvironment.start(
            NodeEnvironments.ofDistribution().command("mujoco-reacher", 0, copies),
            log,
            SETTINGS)) {
      measure(reacher);
    }
    try (EnvironmentServer server = EnvironmentServer.start(() -> new PointMass(copies), 0);
        Environment points = RemoteEnvironment.connect(server.address(), SETTINGS)) {
      measure(points);
    }
  }

  private static void measure(Environment environment) throws EnvironmentException {
    SplittableRandom random = new SplittableRandom(SEED);
    Environment.Spec spec = environment.spec();
    for (int copy = 0; copy < spec.copies(); copy++) {
      environment.reset(copy, random.nextLong());
    }
    round(environment, random); // warms up
    double[] rates = new double[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      rates[i] = round(environment, random);
      System.out.printf(
          Locale.ROOT, "%s x %d: %,.0f steps/s%n", spec.name(), spec.copies(), rates[i]);
    }
    Arrays.sort(rates);
    System.out.printf(
        Locale.ROOT,
        "%s x %d: median %,.0f steps/s%n",
        spec.name(),
        spec.copies(),
        rates[ROUNDS / 2]);
  }

  /** Steps a second. */
  private static double round(Environment environment, SplittableRandom random)
      throws EnvironmentException {
    Environment.Spec spec = environment.spec();
    float[] actions = new float[spec.copies() * spec.actionSize()];
    long steps = 0;
    long began = System.nanoTime();
    while (System.nanoTime() - began < ROUND_NANOS) {
      for (int i = 0; i < actions.length; i++) {
        actions[i] = (float) random.nextDouble(-1, 1);
      }
      Environment.Step step = environment.step(actions);
      for (int copy = 0; copy < spec.copies(); copy++) {
        if (step.ended(copy)) {
          environment.reset(copy, random.nextLong());
        }
      }
      steps += spec.copies();
    }
    return steps * 1e9 / (System.nanoTime() - began);
  }
}
