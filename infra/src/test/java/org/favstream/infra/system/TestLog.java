// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.favstream.actors.kafka.KafkaConnection;
import org.favstream.infra.job.JobCatalog;
import org.favstream.protocol.Codec;
import org.favstream.protocol.MalformedRecordException;
import org.jspecify.annotations.Nullable;

/**
 * A broker as a test sees it: bytes in, records out. Every wait has an end.
 *
 * @param bootstrapServers where it is
 */
public record TestLog(String bootstrapServers) {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** How nodes reach it. */
  public KafkaConnection connection() {
    return JobCatalog.load("eight-gaussians", List.of()).connection(bootstrapServers);
  }

  /** An admin client. */
  public Admin admin() {
    return Admin.create(connection().admin());
  }

  /** A producer with further settings. */
  public Producer<String, byte[]> producer(Map<String, Object> more) {
    Map<String, Object> settings = new HashMap<>(connection().producerProperties());
    settings.putAll(more);
    return new KafkaProducer<>(settings);
  }

  /** Puts a value on a topic, and gives its place. */
  public static RecordMetadata send(
      Producer<String, byte[]> producer, String topic, int partition, byte @Nullable [] value)
      throws InterruptedException, ExecutionException, TimeoutException {
    return producer
        .send(new ProducerRecord<>(topic, partition, "a-test", value))
        .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** Where a topic ends now, by partition. */
  public Map<Integer, Long> ends(String topic) {
    Map<Integer, Long> ends = new HashMap<>();
    try (KafkaConsumer<String, byte[]> consumer = consumer()) {
      consumer
          .endOffsets(assign(consumer, topic), PATIENCE)
          .forEach((partition, end) -> ends.put(partition.partition(), end));
    }
    return ends;
  }

  /** All committed records that stand on a topic now. */
  public List<ConsumerRecord<String, byte[]>> readAll(String topic) {
    List<ConsumerRecord<String, byte[]>> all = new ArrayList<>();
    try (KafkaConsumer<String, byte[]> consumer = consumer()) {
      List<TopicPartition> partitions = assign(consumer, topic);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, PATIENCE);
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (partitions.stream()
          .anyMatch(at -> consumer.position(at) < ends.getOrDefault(at, 0L))) {
        assertThat(System.nanoTime()).describedAs("reading %s", topic).isLessThan(deadline);
        consumer.poll(Duration.ofMillis(100)).forEach(all::add);
      }
    }
    return all;
  }

  /** The values of all records of a topic, in each partition's order. */
  public <T> List<T> readAll(String topic, Codec<T> codec) {
    return readAll(topic).stream().map(record -> decoded(record, codec)).toList();
  }

  private static <T> T decoded(ConsumerRecord<String, byte[]> record, Codec<T> codec) {
    try {
      return codec.decode(record.value());
    } catch (MalformedRecordException e) {
      throw new AssertionError(record.topic() + " offset " + record.offset(), e);
    }
  }

  /**
   * Reads a topic from its beginning until what was read so far is enough.
   *
   * @throws AssertionError where it is not in time
   */
  public <T> List<T> readUntil(String topic, Codec<T> codec, Predicate<List<T>> enough) {
    List<T> all = new ArrayList<>();
    try (KafkaConsumer<String, byte[]> consumer = consumer()) {
      assign(consumer, topic);
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (!enough.test(all)) {
        assertThat(System.nanoTime())
            .describedAs(
                () ->
                    "waiting on %s: %d so far, at the end %s"
                        .formatted(
                            topic,
                            all.size(),
                            all.subList(Math.max(0, all.size() - 3), all.size())))
            .isLessThan(deadline);
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          all.add(decoded(record, codec));
        }
      }
    }
    return all;
  }

  private KafkaConsumer<String, byte[]> consumer() {
    Map<String, Object> settings = new HashMap<>(connection().admin());
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    return new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
  }

  private static List<TopicPartition> assign(KafkaConsumer<String, byte[]> consumer, String topic) {
    List<TopicPartition> partitions =
        IntStream.range(0, consumer.partitionsFor(topic, PATIENCE).size())
            .mapToObj(partition -> new TopicPartition(topic, partition))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    return partitions;
  }
}
