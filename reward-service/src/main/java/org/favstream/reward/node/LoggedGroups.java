// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.favstream.actors.runtime.Faults;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.protocol.Codec;
import org.favstream.protocol.Generation;
import org.favstream.protocol.MalformedRecordException;
import org.favstream.protocol.Topics;
import org.favstream.reward.registry.RefusedException;
import org.favstream.reward.registry.RefusedException.Kind;
import org.jspecify.annotations.Nullable;

/** The groups that stand on the topic generations. Confined to one thread. */
final class LoggedGroups implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(200);

  /** No sampler's clock is further ahead of ours. */
  private static final long FAR_AHEAD_MILLIS = 86_400_000;

  /**
   * A stretch of a partition.
   *
   * @param from its first offset
   * @param to the offset after its last
   */
  record Range(long from, long to) {}

  /** Takes groups. */
  @FunctionalInterface
  interface Receiver {
    /**
     * One more; or bytes that are no group, which it may count.
     *
     * @param record as it stands on the log
     */
    void take(ConsumerRecord<String, byte[]> record) throws RefusedException;
  }

  private final KafkaConsumer<String, byte[]> consumer;
  private final List<TopicPartition> partitions;
  private final Clock clock;

  LoggedGroups(NodeContext node) {
    this.consumer =
        new KafkaConsumer<>(
            node.connection().consumerProperties(),
            new StringDeserializer(),
            new ByteArrayDeserializer());
    this.partitions =
        IntStream.range(0, Topics.GROUP_PARTITIONS)
            .mapToObj(partition -> new TopicPartition(node.topics().generations(), partition))
            .toList();
    this.clock = node.clock();
  }

  /** The offset of each partition's next group. */
  Map<Integer, Long> ends() throws RefusedException {
    return byPartition(answered(() -> consumer.endOffsets(partitions, PATIENCE)), end -> end);
  }

  private static <T> Map<Integer, Long> byPartition(
      Map<TopicPartition, T> all, ToLongFunction<T> number) {
    return all.entrySet().stream()
        .collect(
            Collectors.toMap(
                entry -> entry.getKey().partition(),
                entry -> number.applyAsLong(entry.getValue())));
  }

  private interface Question<T> {
    T ask();
  }

  private static <T> T answered(Question<T> question) throws RefusedException {
    try {
      return question.ask();
    } catch (KafkaException e) {
      throw new RefusedException(
          Kind.UNAVAILABLE, "the log does not answer: " + Faults.describe(e), e);
    }
  }

  /** The newest group that can be read; empty where there is none. */
  Optional<Generation> newest() throws RefusedException {
    Newest newest = new Newest();
    for (Map.Entry<Integer, Range> end : stretches(1).entrySet()) {
      read(new TreeMap<>(Map.of(end.getKey(), end.getValue())), newest);
    }
    return Optional.ofNullable(newest.group);
  }

  private static final class Newest implements Receiver {
    private @Nullable Generation group;

    @Override
    public void take(ConsumerRecord<String, byte[]> record) {
      Optional<Generation> read = decoded(record);
      if (read.isPresent()
          && (group == null || read.get().createdAtMillis() > group.createdAtMillis())) {
        group = read.get();
      }
    }
  }

  /** The group of a record; empty where it is none. */
  static Optional<Generation> decoded(ConsumerRecord<String, byte[]> record) {
    try {
      return Optional.of(
          Codec.GENERATION.decode(record.value() == null ? new byte[0] : record.value()));
    } catch (MalformedRecordException e) {
      return Optional.empty(); // those who score it send it to the dead letters
    }
  }

  /** The last so many of each partition, without those that are empty. */
  private SortedMap<Integer, Range> stretches(long groups) throws RefusedException {
    Map<Integer, Long> begins = begins();
    SortedMap<Integer, Range> stretches = new TreeMap<>();
    ends()
        .forEach(
            (partition, end) -> {
              long from = Math.max(begins.getOrDefault(partition, 0L), end - groups);
              if (from < end) {
                stretches.put(partition, new Range(from, end));
              }
            });
    return stretches;
  }

  private Map<Integer, Long> begins() throws RefusedException {
    return byPartition(
        answered(() -> consumer.beginningOffsets(partitions, PATIENCE)), begin -> begin);
  }

  /**
   * The last groups of all partitions together, by the time at which they came to the log: so many,
   * those of the same millisecond as the first of them, or all that there are.
   */
  SortedMap<Integer, Range> last(long groups) throws RefusedException {
    Map<Integer, Long> ends = ends();
    Map<Integer, Long> begins = begins();
    long early = 0; // all groups came since
    long late = clock.millis() + FAR_AHEAD_MILLIS; // too few came since
    while (late - early > 1) {
      long middle = early + (late - early) / 2;
      if (count(since(middle, ends), ends) >= groups) {
        early = middle;
      } else {
        late = middle;
      }
    }
    Map<Integer, Long> from = early == 0 ? begins : since(early, ends);
    SortedMap<Integer, Range> last = new TreeMap<>();
    ends.forEach(
        (partition, end) -> {
          long first = from.getOrDefault(partition, end);
          if (first < end) {
            last.put(partition, new Range(first, end));
          }
        });
    return last;
  }

  private Map<Integer, Long> since(long millis, Map<Integer, Long> ends) throws RefusedException {
    Map<TopicPartition, Long> asked =
        partitions.stream().collect(Collectors.toMap(partition -> partition, partition -> millis));
    Map<TopicPartition, OffsetAndTimestamp> found =
        answered(() -> consumer.offsetsForTimes(asked, PATIENCE));
    Map<Integer, Long> since = new HashMap<>(ends);
    found.forEach(
        (partition, first) -> {
          if (first != null) { // nothing came since
            since.merge(partition.partition(), first.offset(), Math::min);
          }
        });
    return since;
  }

  private static long count(Map<Integer, Long> from, Map<Integer, Long> ends) {
    return ends.entrySet().stream()
        .mapToLong(end -> end.getValue() - from.getOrDefault(end.getKey(), end.getValue()))
        .sum();
  }

  /**
   * Reads stretches, partition by partition, each in its order.
   *
   * @throws RefusedException where the log does not answer in time, or the receiver refuses
   */
  void read(SortedMap<Integer, Range> stretches, Receiver receiver) throws RefusedException {
    for (Map.Entry<Integer, Range> stretch : stretches.entrySet()) {
      TopicPartition partition = partitions.get(stretch.getKey());
      answered(
          () -> {
            consumer.assign(List.of(partition));
            consumer.seek(partition, stretch.getValue().from());
            return partition;
          });
      read(partition, stretch.getValue().to(), receiver);
    }
  }

  private void read(TopicPartition partition, long to, Receiver receiver) throws RefusedException {
    long heardAt = System.nanoTime();
    while (answered(() -> consumer.position(partition, PATIENCE)) < to) {
      Collection<ConsumerRecord<String, byte[]>> records =
          answered(() -> consumer.poll(POLL)).records(partition);
      for (ConsumerRecord<String, byte[]> record : records) {
        if (record.offset() < to) {
          receiver.take(record);
        }
      }
      if (!records.isEmpty()) {
        heardAt = System.nanoTime();
      } else if (System.nanoTime() - heardAt > PATIENCE.toNanos()) {
        throw new RefusedException(
            Kind.UNAVAILABLE,
            "the log does not answer: nothing of %s within %d s"
                .formatted(partition, PATIENCE.toSeconds()));
      }
    }
  }

  @Override
  public void close() {
    consumer.close();
  }
}
