// SPDX-License-Identifier: Apache-2.0
package org.favstream.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.favstream.actors.kafka.KafkaConnection;
import org.favstream.actors.kafka.TopicSetup;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.actors.weights.WeightsException;
import org.favstream.infra.broker.BrokerProcess;
import org.favstream.infra.job.Job;
import org.favstream.infra.job.JobCatalog;
import org.favstream.learner.intake.Flow;
import org.favstream.learner.node.LearnerEvent;
import org.favstream.protocol.Codec;
import org.favstream.protocol.Generation;
import org.favstream.protocol.GroupId;
import org.favstream.protocol.Noise;
import org.favstream.protocol.ScoredGeneration;
import org.favstream.protocol.Scoring;
import org.favstream.protocol.Tensor;
import org.favstream.protocol.Topics;

/**
 * How many groups a second go through all three stages, beside a bare Kafka program of three stages
 * that moves records of the very same sizes with the same client settings over the same broker. The
 * two take turns in one run.
 *
 * <pre>
 * ./mvnw -ntp -q -pl infra/bench -am -DskipTests package
 * java --add-modules=jdk.incubator.vector -Dai.djl.offline=true -Xmx2g \
 *   -cp 'infra/bench/target/benchmarks.jar:infra/bench/target/lib/*' org.favstream.bench.LoopThroughput
 * </pre>
 */
public final class LoopThroughput {
  private static final Duration WARM_UP = Duration.ofSeconds(15);
  private static final Duration MEASURED = Duration.ofSeconds(15);
  private static final int ROUNDS = 3;
  private static final int PARTICLES = 8;
  private static final Flow.Settings FLOW =
      new Flow.Settings(4, 64, 64, Duration.ofSeconds(5), Duration.ofSeconds(5));

  private final Path folder;
  private final KafkaConnection connection;
  private int runs;

  private LoopThroughput(Path folder, KafkaConnection connection) {
    this.folder = folder;
    this.connection = connection;
  }

  /** {@code LoopThroughput [NUMBERS…]} a particle; groups of 1 KiB and of 40 KiB without. */
  public static void main(String[] args)
      throws IOException, InterruptedException, WeightsException, BrokerProcess.BrokerException {
    Job job = JobCatalog.load("eight-gaussians", List.of());
    try (BenchBroker broker = BenchBroker.start(job)) {
      LoopThroughput bench = new LoopThroughput(broker.folder(), broker.connection(job));
      int[] sizes = Arrays.stream(args).mapToInt(Integer::parseInt).toArray();
      for (int numbers : sizes.length == 0 ? new int[] {32, 1280} : sizes) {
        bench.compare(numbers);
      }
    }
    System.exit(0); // DJL leaves threads behind
  }

  private void compare(int numbers) throws InterruptedException, WeightsException {
    byte[] generation = Codec.GENERATION.encode(generation(numbers));
    byte[] scored = Codec.SCORED_GENERATION.encode(scored(numbers));
    System.out.printf(
        Locale.ROOT,
        "groups of %d x %d numbers: records of %d and %d bytes%n",
        PARTICLES,
        numbers,
        generation.length,
        scored.length);
    double[] ratios = new double[ROUNDS];
    for (int round = -1; round < ROUNDS; round++) {
      double bare = bare(generation, scored);
      double ours = ours(numbers);
      System.out.printf(
          Locale.ROOT,
          "  bare %,.0f groups/s   favstream %,.0f groups/s   ratio %.2f%s%n",
          bare,
          ours,
          ours / bare,
          round < 0 ? " (not counted: the JVM compiles)" : "");
      if (round >= 0) {
        ratios[round] = ours / bare;
      }
    }
    Arrays.sort(ratios);
    System.out.printf(Locale.ROOT, "  median ratio %.2f%n", ratios[ROUNDS / 2]);
  }

  private Topics topics() {
    Topics topics = new Topics("bench-" + runs++ + ".", Duration.ofMinutes(1), 64L << 20);
    TopicSetup.ensure(connection, topics, Duration.ofSeconds(30));
    return topics;
  }

  private double bare(byte[] generation, byte[] scored) throws InterruptedException {
    int underWay = (FLOW.maxLag() + 1) * FLOW.groupsPerStep() * FLOW.publishEvery();
    try (BareLoop loop = new BareLoop(connection, topics(), generation, scored, underWay)) {
      return rate(loop::arrived);
    }
  }

  private static double rate(LongSupplier count) throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(WARM_UP.toMillis());
    long first = count.getAsLong();
    long then = System.nanoTime();
    TimeUnit.MILLISECONDS.sleep(MEASURED.toMillis());
    return (count.getAsLong() - first) / ((System.nanoTime() - then) / 1e9);
  }

  private double ours(int numbers) throws WeightsException, InterruptedException {
    AtomicLong trained = new AtomicLong();
    BenchLoop.Settings settings =
        new BenchLoop.Settings(new TrivialModels.Shift(numbers), 1, PARTICLES, 1, 1, FLOW);
    try (BenchLoop loop =
        BenchLoop.start(
            settings,
            node("bench-" + runs, topics()),
            folder,
            event -> {
              if (event instanceof LearnerEvent.Stepped stepped) {
                trained.set(stepped.step().totals().groups());
              }
            },
            event -> {})) {
      return rate(trained::get);
    }
  }

  private NodeContext node(String run, Topics topics) {
    return new NodeContext(run, connection, topics, Clock.systemUTC());
  }

  private static Generation generation(int numbers) {
    return new Generation(
        "bench-0",
        new GroupId("sampler-0", 0, 100_000),
        100,
        new Noise(Long.MIN_VALUE, 100_000),
        Optional.empty(),
        Tensor.of(new int[] {1, PARTICLES, numbers}, new float[PARTICLES * numbers]),
        Optional.empty(),
        1_790_000_000_000L);
  }

  private static ScoredGeneration scored(int numbers) {
    return new ScoredGeneration.Scored(
        generation(numbers),
        Scoring.by(BenchLoop.REWARD),
        Tensor.of(new int[] {1, PARTICLES}, new float[PARTICLES]),
        Tensor.of(new int[] {1, PARTICLES, numbers}, new float[PARTICLES * numbers]));
  }
}
