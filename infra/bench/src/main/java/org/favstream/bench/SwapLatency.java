// SPDX-License-Identifier: Apache-2.0
package org.favstream.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.favstream.actors.kafka.KafkaConnection;
import org.favstream.actors.kafka.TopicSetup;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.actors.weights.WeightsException;
import org.favstream.infra.job.Job;
import org.favstream.infra.job.JobCatalog;
import org.favstream.learner.intake.Flow;
import org.favstream.learner.node.LearnerEvent;
import org.favstream.protocol.Codec;
import org.favstream.protocol.MalformedRecordException;
import org.favstream.protocol.RegistryEvent;
import org.favstream.protocol.RewardVersion;
import org.favstream.protocol.Topics;

/**
 * How long a reward takes from its activation to its effect, while the loop of the toy's sizes runs
 * at full speed with two reward nodes: until its first score is on the log, and until the last
 * score by the reward before was written.
 *
 * <pre>
 * ./mvnw -ntp -q -pl infra/bench -am -DskipTests package
 * java --add-modules=jdk.incubator.vector -Dai.djl.offline=true -Xmx2g \
 *   -cp 'infra/bench/target/benchmarks.jar:infra/bench/target/lib/*' org.favstream.bench.SwapLatency
 * </pre>
 */
public final class SwapLatency {
  private static final int SWAPS = 50;
  private static final Duration BETWEEN = Duration.ofMillis(700);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Flow.Settings FLOW =
      new Flow.Settings(4, 1, 4, Duration.ofSeconds(5), Duration.ofSeconds(5));

  private SwapLatency() {}

  /** Measures. */
  public static void main(String[] args) throws Exception {
    Job job = JobCatalog.load("eight-gaussians", List.of("generator.steps=1"));
    try (BenchBroker broker = BenchBroker.start(job)) {
      measure(job, broker.connection(job), broker.folder());
    }
    System.exit(0); // DJL leaves threads behind
  }

  private static void measure(Job job, KafkaConnection connection, Path folder)
      throws IOException,
          InterruptedException,
          ExecutionException,
          MalformedRecordException,
          WeightsException {
    Topics topics = new Topics("bench.", Duration.ofMinutes(10), 256L << 20);
    TopicSetup.ensure(connection, topics, PATIENCE);
    NodeContext node = new NodeContext("bench", connection, topics, Clock.systemUTC());
    BlockingQueue<LearnerEvent> events = new LinkedBlockingQueue<>();
    BenchLoop.Settings settings =
        new BenchLoop.Settings(job.generator().create(), 1, 2048, 2, 2, FLOW);
    long[] activatedAt = new long[SWAPS + 1];
    try (BenchLoop loop = BenchLoop.start(settings, node, folder, events::add, event -> {});
        Producer<String, byte[]> producer = new KafkaProducer<>(connection.producerProperties())) {
      awaitStep(events, 100);
      for (int number = 1; number <= SWAPS; number++) {
        activatedAt[number] = activate(node, producer, number);
        TimeUnit.MILLISECONDS.sleep(BETWEEN.toMillis());
      }
    }
    report(connection, topics, activatedAt);
  }

  private static void awaitStep(BlockingQueue<LearnerEvent> events, long step)
      throws InterruptedException {
    while (true) {
      LearnerEvent event = events.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      if (event == null) {
        throw new IllegalStateException("the learner does nothing");
      }
      if (event instanceof LearnerEvent.Stepped stepped && stepped.step().step() >= step) {
        return;
      }
    }
  }

  /** As a control does it: the fence, the event; gives the moment before either. */
  private static long activate(NodeContext node, Producer<String, byte[]> producer, long number)
      throws InterruptedException, ExecutionException {
    long begun = System.currentTimeMillis();
    Map<Integer, Long> fence = new HashMap<>();
    try (KafkaConsumer<String, byte[]> consumer = consumer(node.connection())) {
      consumer
          .endOffsets(partitions(node.topics().generations()))
          .forEach((partition, end) -> fence.put(partition.partition(), end));
    }
    RegistryEvent event =
        new RegistryEvent.Activated(
            new RegistryEvent.Origin(node.run(), begun, "the bench"),
            new RewardVersion("indifferent", 1 + number),
            number,
            fence,
            0,
            false,
            "");
    producer
        .send(
            new ProducerRecord<>(
                node.topics().rewardRegistry(), "the bench", Codec.REGISTRY.encode(event)))
        .get();
    return begun;
  }

  private static KafkaConsumer<String, byte[]> consumer(KafkaConnection connection) {
    return new KafkaConsumer<>(
        connection.consumerProperties(), new StringDeserializer(), new ByteArrayDeserializer());
  }

  private static List<TopicPartition> partitions(String topic) {
    return IntStream.range(0, Topics.GROUP_PARTITIONS)
        .mapToObj(partition -> new TopicPartition(topic, partition))
        .toList();
  }

  private static void report(KafkaConnection connection, Topics topics, long[] activatedAt)
      throws MalformedRecordException {
    long[] first = new long[activatedAt.length];
    long[] last = new long[activatedAt.length]; // by the reward before
    Arrays.fill(first, Long.MAX_VALUE);
    long scores = 0;
    try (KafkaConsumer<String, byte[]> consumer = consumer(connection)) {
      List<TopicPartition> all = partitions(topics.scores());
      consumer.assign(all);
      consumer.seekToBeginning(all);
      Map<TopicPartition, Long> ends = consumer.endOffsets(all);
      while (all.stream().anyMatch(at -> consumer.position(at) < ends.getOrDefault(at, 0L))) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          int number = (int) Codec.SCORED_GENERATION.decode(record.value()).scoring().activation();
          scores++;
          first[number] = Math.min(first[number], record.timestamp());
          if (number < SWAPS) {
            last[number + 1] = Math.max(last[number + 1], record.timestamp());
          }
        }
      }
    }
    long[] toFirst = new long[SWAPS];
    long[] toLast = new long[SWAPS];
    for (int number = 1; number <= SWAPS; number++) {
      toFirst[number - 1] = first[number] - activatedAt[number];
      toLast[number - 1] = last[number] - activatedAt[number];
    }
    System.out.printf(
        Locale.ROOT,
        "%d swaps, %,d scores, 2 reward nodes: activation to the new reward's first score: median %d ms, most %d ms; to the old one's last: median %d ms, most %d ms%n",
        SWAPS,
        scores,
        median(toFirst),
        Arrays.stream(toFirst).max().orElseThrow(),
        median(toLast),
        Arrays.stream(toLast).max().orElseThrow());
  }

  private static long median(long[] values) {
    long[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
