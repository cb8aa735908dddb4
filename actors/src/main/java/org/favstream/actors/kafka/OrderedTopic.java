// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.favstream.protocol.Codec;
import org.favstream.protocol.MalformedRecordException;
import org.jspecify.annotations.Nullable;

/**
 * A topic of one partition whose records come in the order of a number: what stands under a number
 * is found without reading what stands before it. It sees what was committed when it was opened.
 * What cannot be decoded is passed over. Confined to one thread; all calls block.
 *
 * @param <T> the record
 */
public final class OrderedTopic<T> implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  /** A search wants few records: what more comes with them is read for nothing. */
  private static final int FETCH_BYTES = 64 * 1024;

  /** What is wanted is there: a fetch that waits at the end would only hold up the next one. */
  private static final int FETCH_WAIT_MILLIS = 1;

  /** A record and where it stands. */
  public record At<T>(long offset, T value) {}

  private final TopicPartition all;
  private final Codec<T> codec;
  private final KafkaConsumer<String, byte[]> consumer;
  private final OffsetSearch<T> search;

  /**
   * Opens it.
   *
   * @param number of a record: never less than that of a record before it
   * @throws LogUnavailableException where the topic does not answer
   */
  public OrderedTopic(
      KafkaConnection connection, String topic, Codec<T> codec, ToLongFunction<T> number) {
    this.all = new TopicPartition(topic, 0);
    this.codec = codec;
    Map<String, Object> settings = connection.consumerProperties();
    settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES);
    settings.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_WAIT_MILLIS);
    this.consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
    consumer.assign(List.of(all));
    this.search =
        new OffsetSearch<>(
            consumer.beginningOffsets(List.of(all), TIMEOUT).getOrDefault(all, 0L),
            consumer.endOffsets(List.of(all), TIMEOUT).getOrDefault(all, 0L),
            this::page,
            number);
  }

  /** The first record there is. */
  public Optional<At<T>> first() {
    return page(search.begin()).stream().findFirst();
  }

  /** The last record there is. */
  public Optional<At<T>> last() {
    return search.last();
  }

  /** The first record whose number is at least this one. */
  public Optional<At<T>> firstFrom(long wanted) {
    return search.first(wanted);
  }

  /**
   * Reads on from an offset, in order, until the receiver has enough or the end is reached.
   *
   * @param receiver given each record; false where it wants no more
   */
  public void read(long from, Predicate<At<T>> receiver) {
    long end = search.end();
    boolean more = true;
    Deadline deadline = new Deadline();
    consumer.seek(all, Math.max(from, search.begin()));
    while (more && consumer.position(all) < end) {
      long before = consumer.position(all);
      for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
        more = more && record.offset() < end && decoded(record).map(receiver::test).orElse(true);
      }
      deadline.check(before);
    }
  }

  private List<At<T>> page(long offset) {
    Deadline deadline = new Deadline();
    List<At<T>> page = new ArrayList<>();
    consumer.seek(all, offset);
    while (page.isEmpty() && consumer.position(all) < search.end()) {
      long before = consumer.position(all);
      for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
        if (record.offset() < search.end()) {
          decoded(record).ifPresent(page::add);
        }
      }
      deadline.check(before);
    }
    return page;
  }

  private Optional<At<T>> decoded(ConsumerRecord<String, byte[]> record) {
    byte @Nullable [] value = record.value();
    if (value == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(new At<>(record.offset(), codec.decode(value)));
    } catch (MalformedRecordException e) {
      return Optional.empty();
    }
  }

  /** How long reading may stand still. */
  private final class Deadline {
    private long at = System.nanoTime() + TIMEOUT.toNanos();

    /**
     * After a poll.
     *
     * @param before where reading stood before it
     */
    void check(long before) {
      if (consumer.position(all) > before) {
        at = System.nanoTime() + TIMEOUT.toNanos();
      } else if (System.nanoTime() > at) {
        throw new LogUnavailableException(
            "topic %s: nothing came from offset %d on within %d s"
                .formatted(all.topic(), before, TIMEOUT.toSeconds()));
      }
    }
  }

  @Override
  public void close() {
    consumer.close();
  }
}
