// SPDX-License-Identifier: Apache-2.0
package org.favstream.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.favstream.actors.kafka.KafkaConnection;
import org.favstream.actors.kafka.TopicSetup;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.actors.weights.WeightsException;
import org.favstream.infra.broker.BrokerProcess;
import org.favstream.infra.job.Job;
import org.favstream.infra.job.JobCatalog;
import org.favstream.learner.intake.Flow;
import org.favstream.protocol.Topics;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.node.SamplerEvent;

/**
 * How long weights of a million parameters take from their publication to their use in every one of
 * four samplers, while the loop runs.
 *
 * <pre>
 * ./mvnw -ntp -q -pl infra/bench -am -DskipTests package
 * java --add-modules=jdk.incubator.vector -Dai.djl.offline=true -Xmx2g \
 *   -cp 'infra/bench/target/benchmarks.jar:infra/bench/target/lib/*' org.favstream.bench.WeightsLatency
 * </pre>
 */
public final class WeightsLatency {
  private static final int SAMPLERS = 4;
  private static final long WARM_UP_VERSIONS = 50;
  private static final long MEASURED_VERSIONS = 500;
  private static final Flow.Settings FLOW =
      new Flow.Settings(4, 1, 8, Duration.ofSeconds(5), Duration.ofSeconds(5));

  /** Of one version. */
  private record Applied(int samplers, long slowestMillis) {
    Applied and(Applied other) {
      return new Applied(samplers + other.samplers, Math.max(slowestMillis, other.slowestMillis));
    }
  }

  private WeightsLatency() {}

  /** Measures. */
  public static void main(String[] args)
      throws IOException, InterruptedException, WeightsException, BrokerProcess.BrokerException {
    Job job =
        JobCatalog.load(
            "eight-gaussians", List.of("generator.family=drift", "generator.hidden=[696,696,696]"));
    try (BenchBroker broker = BenchBroker.start(job)) {
      measure(job.generator().create(), broker.connection(job), broker.folder());
    }
    System.exit(0); // DJL leaves threads behind
  }

  private static void measure(Generator generator, KafkaConnection connection, Path folder)
      throws InterruptedException, WeightsException {
    Topics topics = new Topics("bench.", Duration.ofMinutes(1), 64L << 20);
    TopicSetup.ensure(connection, topics, Duration.ofSeconds(30));
    Map<Long, Applied> versions = new ConcurrentHashMap<>();
    NodeContext node = new NodeContext("bench", connection, topics, Clock.systemUTC());
    BenchLoop.Settings settings = new BenchLoop.Settings(generator, 1, 64, SAMPLERS, 1, FLOW);
    try (BenchLoop loop =
        BenchLoop.start(
            settings,
            node,
            folder,
            event -> {},
            event -> {
              if (event instanceof SamplerEvent.Applied applied) {
                versions.merge(
                    applied.version(),
                    new Applied(1, applied.sincePublication().toMillis()),
                    Applied::and);
              }
            })) {
      while (versions.size() < WARM_UP_VERSIONS + MEASURED_VERSIONS) {
        TimeUnit.MILLISECONDS.sleep(100);
      }
    }
    report(generator.layout().length(), versions);
  }

  private static void report(int parameters, Map<Long, Applied> versions) {
    List<Applied> measured =
        versions.entrySet().stream()
            .filter(version -> version.getKey() > WARM_UP_VERSIONS)
            .map(Map.Entry::getValue)
            .toList();
    long overtaken = measured.stream().filter(each -> each.samplers() < SAMPLERS).count();
    long[] millis = measured.stream().mapToLong(Applied::slowestMillis).sorted().toArray();
    System.out.printf(
        Locale.ROOT,
        "%,d parameters, %d samplers, %d versions: published to applied in the slowest sampler:"
            + " median %d ms, p99 %d ms, most %d ms; %d versions overtaken by the next%n",
        parameters,
        SAMPLERS,
        millis.length,
        millis[millis.length / 2],
        millis[(int) Math.ceil(millis.length * 0.99) - 1],
        millis[millis.length - 1],
        overtaken);
  }
}
