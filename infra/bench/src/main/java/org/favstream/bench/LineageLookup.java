// SPDX-License-Identifier: Apache-2.0
package org.favstream.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.favstream.actors.kafka.KafkaConnection;
import org.favstream.actors.kafka.TopicSetup;
import org.favstream.infra.broker.BrokerProcess;
import org.favstream.infra.job.Job;
import org.favstream.infra.job.JobCatalog;
import org.favstream.learner.node.LineageLog;
import org.favstream.protocol.Codec;
import org.favstream.protocol.LineageStep;
import org.favstream.protocol.RewardVersion;
import org.favstream.protocol.Topics;

/**
 * How long the lineage of one weights version takes to find on a long topic: in this JVM, each time
 * with clients of its own, and by the whole command.
 *
 * <pre>
 * ./mvnw -ntp -q -pl infra/bench -am -DskipTests package
 * java --add-modules=jdk.incubator.vector -Dai.djl.offline=true -Xmx1g \
 *   -cp 'infra/bench/target/benchmarks.jar:infra/bench/target/lib/*' \
 *   org.favstream.bench.LineageLookup 200000 ./favstream
 * </pre>
 */
public final class LineageLookup {
  private static final String RUN = "bench";
  private static final int STEPS_A_VERSION = 4;
  private static final int LOOKUPS = 100;
  private static final int COMMANDS = 20;

  private LineageLookup() {}

  /** Measures: steps on the topic, and the launcher. */
  public static void main(String[] args)
      throws IOException, InterruptedException, BrokerProcess.BrokerException {
    long versions = Long.parseLong(args[0]) / STEPS_A_VERSION;
    Job job = JobCatalog.load("eight-gaussians", List.of());
    try (BenchBroker broker = BenchBroker.start(job)) {
      KafkaConnection connection = broker.connection(job);
      Topics topics = job.topics(RUN);
      TopicSetup.ensure(connection, topics, Duration.ofSeconds(30));
      fill(connection, topics, versions);
      Random random = new Random(1);
      report(
          "in this JVM",
          LongStream.generate(
                  () -> lookUp(connection, topics, 1 + (long) (random.nextDouble() * versions)))
              .limit(LOOKUPS)
              .sorted()
              .toArray());
      long[] commands = new long[COMMANDS];
      for (int i = 0; i < COMMANDS; i++) {
        commands[i] =
            command(
                args[1], 1 + (long) (random.nextDouble() * versions), broker.bootstrapServers());
      }
      report("the command", LongStream.of(commands).sorted().toArray());
    }
    System.exit(0); // DJL leaves threads behind
  }

  /** As the learner publishes: one transaction a version. */
  private static void fill(KafkaConnection connection, Topics topics, long versions) {
    Map<String, Object> settings = new HashMap<>(connection.producerProperties());
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "bench");
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    long began = System.nanoTime();
    try (KafkaProducer<String, byte[]> producer = new KafkaProducer<>(settings)) {
      producer.initTransactions();
      for (long version = 1; version <= versions; version++) {
        producer.beginTransaction();
        for (int i = 1; i <= STEPS_A_VERSION; i++) {
          long step = (version - 1) * STEPS_A_VERSION + i;
          Future<RecordMetadata> unused =
              producer.send(
                  new ProducerRecord<>(
                      topics.lineage(),
                      Long.toString(step),
                      Codec.LINEAGE.encode(record(version, step))));
        }
        producer.commitTransaction();
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%,d steps in %,d versions written in %.0f s%n",
        versions * STEPS_A_VERSION,
        versions,
        (System.nanoTime() - began) / 1e9);
  }

  private static LineageStep record(long version, long step) {
    return new LineageStep(
        RUN,
        1,
        step,
        version,
        List.of(new LineageStep.GroupPosition((int) (step % 16), step / 16, version - 1)),
        new RewardVersion("indifferent", 1),
        step - 1,
        "0".repeat(64),
        "%064x".formatted(version),
        "%064x".formatted(version - 1),
        "bench");
  }

  /** Its steps and its parent, as the command looks for them; in nanoseconds. */
  private static long lookUp(KafkaConnection connection, Topics topics, long version) {
    long began = System.nanoTime();
    try (LineageLog log = new LineageLog(connection, topics)) {
      long last = log.last().orElseThrow();
      boolean found =
          version <= last
              && log.steps(version).size() == STEPS_A_VERSION
              && log.parent(version).map(parent -> parent.version()).orElse(0L) == version - 1;
      if (!found) {
        throw new IllegalStateException("version " + version);
      }
    }
    return System.nanoTime() - began;
  }

  private static long command(String launcher, long version, String servers)
      throws IOException, InterruptedException {
    long began = System.nanoTime();
    int status =
        new ProcessBuilder(
                launcher,
                "lineage",
                Long.toString(version),
                "--run",
                RUN,
                "--bootstrap-servers",
                servers)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor();
    if (status != 0) {
      throw new IllegalStateException("the command ended with " + status);
    }
    return System.nanoTime() - began;
  }

  private static void report(String what, long[] sorted) {
    System.out.printf(
        Locale.ROOT,
        "%s: median %.0f ms, p90 %.0f ms, most %.0f ms of %d%n",
        what,
        sorted[sorted.length / 2] / 1e6,
        sorted[sorted.length * 9 / 10] / 1e6,
        sorted[sorted.length - 1] / 1e6,
        sorted.length);
  }
}
