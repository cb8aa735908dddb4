// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.node;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.favstream.actors.kafka.KafkaConnection;
import org.favstream.actors.kafka.LogUnavailableException;
import org.favstream.protocol.Codec;
import org.favstream.protocol.LineageStep.GroupPosition;
import org.favstream.protocol.MalformedRecordException;
import org.favstream.protocol.ScoredGeneration;
import org.favstream.protocol.Topics;

/** Scored groups by where they stand on their topic. Confined to one thread; all calls block. */
final class ScoredGroups implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final int FETCH_BYTES = 2 * 1024 * 1024;

  /** What is wanted is there: a fetch that waits at the end would only hold up the next one. */
  private static final int FETCH_WAIT_MILLIS = 1;

  /** Where a group stands. */
  record Place(int partition, long offset) {
    static Place of(GroupPosition group) {
      return new Place(group.partition(), group.offset());
    }
  }

  private final String topic;
  private final KafkaConsumer<String, byte[]> consumer;

  ScoredGroups(KafkaConnection connection, Topics topics) {
    this.topic = topics.scores();
    Map<String, Object> settings = connection.consumerProperties();
    settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES);
    settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_WAIT_MILLIS);
    this.consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
  }

  /** The first offset that is kept, by partition. */
  Map<Integer, Long> begins() {
    List<TopicPartition> all =
        IntStream.range(0, Topics.GROUP_PARTITIONS)
            .mapToObj(partition -> new TopicPartition(topic, partition))
            .toList();
    Map<Integer, Long> begins = new HashMap<>();
    consumer
        .beginningOffsets(all, TIMEOUT)
        .forEach((at, offset) -> begins.put(at.partition(), offset));
    return begins;
  }

  /**
   * Reads groups.
   *
   * @return all of them, by place
   * @throws ReplayFault where one is not there, or not a scored group
   * @throws LogUnavailableException where the topic does not answer
   */
  Map<Place, ScoredGeneration.Scored> read(Collection<GroupPosition> groups) {
    Map<TopicPartition, NavigableSet<Long>> wanted = new HashMap<>();
    for (GroupPosition group : groups) {
      wanted
          .computeIfAbsent(
              new TopicPartition(topic, group.partition()), partition -> new TreeSet<>())
          .add(group.offset());
    }
    consumer.assign(wanted.keySet());
    consumer.resume(wanted.keySet()); // paused by the read before
    wanted.forEach((at, offsets) -> consumer.seek(at, offsets.first()));
    Map<Place, ScoredGeneration.Scored> found = new HashMap<>();
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    while (!wanted.isEmpty()) {
      int before = found.size();
      for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
        NavigableSet<Long> offsets = wanted.get(new TopicPartition(topic, record.partition()));
        if (offsets != null && offsets.remove(record.offset())) {
          found.put(new Place(record.partition(), record.offset()), decoded(record));
        }
      }
      wanted.values().removeIf(NavigableSet::isEmpty);
      wanted.forEach(this::requireAhead);
      consumer.pause(consumer.assignment().stream().filter(at -> !wanted.containsKey(at)).toList());
      if (found.size() > before) {
        deadline = System.nanoTime() + TIMEOUT.toNanos();
      } else if (System.nanoTime() > deadline) {
        throw new LogUnavailableException(
            "topic %s: nothing came within %d s of what is wanted: %s"
                .formatted(topic, TIMEOUT.toSeconds(), wanted));
      }
    }
    return found;
  }

  /** What is still wanted stands where reading goes on, or later. */
  private void requireAhead(TopicPartition at, NavigableSet<Long> offsets) {
    if (offsets.first() < consumer.position(at)) {
      throw new ReplayFault(
          "topic %s holds no group at partition %d offset %d any more"
              .formatted(topic, at.partition(), offsets.first()));
    }
  }

  private static ScoredGeneration.Scored decoded(ConsumerRecord<String, byte[]> record) {
    String reason;
    try {
      byte[] value = record.value() == null ? new byte[0] : record.value();
      if (Codec.SCORED_GENERATION.decode(value) instanceof ScoredGeneration.Scored scored) {
        return scored;
      }
      reason = "a refused group";
    } catch (MalformedRecordException e) {
      reason = e.reason();
    }
    throw new ReplayFault(
        "topic %s partition %d offset %d: lineage names a scored group there, but it is %s"
            .formatted(record.topic(), record.partition(), record.offset(), reason));
  }

  @Override
  public void close() {
    consumer.close();
  }
}
