// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.favstream.actors.runtime.Faults;
import org.favstream.protocol.Codec;
import org.favstream.protocol.MalformedRecordException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows a topic for ever on a thread of its own. What cannot be decoded becomes a dead letter,
 * and reading goes on. After a fault of the client it resumes where it was.
 *
 * @param <T> the record
 */
public final class TopicReader<T> implements AutoCloseable {
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final long FIRST_PAUSE_MILLIS = 200;
  private static final long LONGEST_PAUSE_MILLIS = 5_000;

  private static final Logger log = LoggerFactory.getLogger(TopicReader.class);

  /**
   * A decoded record and where it stood.
   *
   * @param partition of the topic
   * @param offset in the partition
   */
  public record Read<T>(int partition, long offset, T value) {}

  /**
   * What is followed, and who is told of what cannot be used.
   *
   * @param connection to the cluster
   * @param topic whose records are read
   * @param codec decodes them
   * @param deadLetters makes the letters
   * @param producer sends them
   */
  public record Source<T>(
      KafkaConnection connection,
      String topic,
      Codec<T> codec,
      DeadLetters deadLetters,
      Producer<String, byte[]> producer) {}

  private final Source<T> source;
  private final Map<String, Object> settings;
  private final Consumer<List<Read<T>>> receiver;
  private final Map<TopicPartition, Long> next = new HashMap<>(); // the thread's own, once it runs
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Runnable caughtUp;
  private @Nullable Map<TopicPartition, Long> ends; // to catch up with; empty once it has
  private volatile @Nullable KafkaConsumer<String, byte[]> current;

  /**
   * Follows partitions from these offsets on.
   *
   * @param offsets by partition: the first offset to read
   * @param receiver given the records of a poll, on the reader's thread: while it blocks, nothing
   *     more is read
   */
  public static <T> TopicReader<T> from(
      Source<T> source, Map<Integer, Long> offsets, Consumer<List<Read<T>>> receiver) {
    return from(source, offsets, receiver, () -> {});
  }

  /**
   * The same.
   *
   * @param caughtUp told once, on the reader's thread: all that stood on the partitions at the
   *     beginning has been received
   */
  public static <T> TopicReader<T> from(
      Source<T> source,
      Map<Integer, Long> offsets,
      Consumer<List<Read<T>>> receiver,
      Runnable caughtUp) {
    Map<String, Object> settings = source.connection().consumerProperties();
    TopicReader<T> reader = new TopicReader<>(source, settings, receiver, caughtUp);
    offsets.forEach(
        (partition, offset) ->
            reader.next.put(new TopicPartition(source.topic(), partition), offset));
    return reader.started();
  }

  /** Follows partition 0 from its end on; otherwise as {@link #from}. */
  public static <T> TopicReader<T> fromEnd(Source<T> source, Consumer<List<Read<T>>> receiver) {
    Map<String, Object> settings = source.connection().consumerProperties();
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
    TopicReader<T> reader = new TopicReader<>(source, settings, receiver, () -> {});
    reader.next.put(new TopicPartition(source.topic(), 0), -1L);
    return reader.started();
  }

  /**
   * Follows a share of a topic: each record goes to one of the group's members. One that ends loses
   * what it was given last, so this is for records that may be lost.
   *
   * @param group the members' common name
   */
  public static <T> TopicReader<T> shared(
      Source<T> source, String group, Consumer<List<Read<T>>> receiver) {
    Map<String, Object> settings = source.connection().consumerProperties(group);
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "true");
    return new TopicReader<>(source, settings, receiver, () -> {}).started();
  }

  private TopicReader(
      Source<T> source,
      Map<String, Object> settings,
      Consumer<List<Read<T>>> receiver,
      Runnable caughtUp) {
    this.source = source;
    this.settings = settings;
    this.receiver = receiver;
    this.caughtUp = caughtUp;
  }

  private TopicReader<T> started() {
    Thread thread = new Thread(this::run, "favstream-read-" + source.topic());
    thread.setDaemon(true);
    thread.start();
    return this;
  }

  private void run() {
    long pause = FIRST_PAUSE_MILLIS;
    while (isOpen()) {
      try (KafkaConsumer<String, byte[]> consumer =
          new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
        current = consumer;
        begin(consumer);
        while (isOpen()) {
          take(consumer);
          pause = FIRST_PAUSE_MILLIS;
        }
      } catch (WakeupException e) {
        // closed
      } catch (KafkaException e) {
        log.warn("reading {}: {}; once more in {} ms", source.topic(), Faults.describe(e), pause);
        pause = waited(pause);
      }
    }
  }

  private boolean isOpen() {
    return closed.getCount() > 0;
  }

  private long waited(long pause) {
    try {
      boolean unused = closed.await(pause, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      close();
    }
    return Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
  }

  private void begin(KafkaConsumer<String, byte[]> consumer) {
    if (settings.containsKey(ConsumerConfig.GROUP_ID_CONFIG)) {
      consumer.subscribe(List.of(source.topic()));
      return;
    }
    consumer.assign(next.keySet());
    next.forEach(
        (partition, offset) -> {
          if (offset >= 0) {
            consumer.seek(partition, offset);
          }
        });
    if (ends == null) {
      ends = new HashMap<>(consumer.endOffsets(next.keySet()));
    }
  }

  private void take(KafkaConsumer<String, byte[]> consumer) {
    List<Read<T>> reads = new ArrayList<>();
    for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
      next.put(new TopicPartition(record.topic(), record.partition()), record.offset() + 1);
      Read<T> read = decoded(record);
      if (read != null) {
        reads.add(read);
      }
    }
    if (!reads.isEmpty()) {
      receiver.accept(reads);
    }
    if (ends != null && !ends.isEmpty()) {
      // Not by the records' offsets: the end of a transaction takes an offset too.
      ends.entrySet().removeIf(end -> consumer.position(end.getKey()) >= end.getValue());
      if (ends.isEmpty()) {
        caughtUp.run();
      }
    }
  }

  private @Nullable Read<T> decoded(ConsumerRecord<String, byte[]> record) {
    if (record.value() == null) {
      return null; // a tombstone
    }
    try {
      return new Read<>(record.partition(), record.offset(), source.codec().decode(record.value()));
    } catch (MalformedRecordException e) {
      log.warn(
          "{} partition {} offset {}: {}; sent to the dead letters",
          record.topic(),
          record.partition(),
          record.offset(),
          e.reason());
      ProducerRecord<String, byte[]> letter = source.deadLetters().about(record, e.reason());
      Future<RecordMetadata> unused =
          source
              .producer()
              .send(
                  letter,
                  (sent, fault) -> {
                    if (fault != null) {
                      log.warn("a dead letter could not be sent: {}", Faults.describe(fault));
                    }
                  });
      return null;
    }
  }

  /** Ends it; the receiver may be told once more. */
  @Override
  public void close() {
    closed.countDown();
    KafkaConsumer<String, byte[]> consumer = current;
    if (consumer != null) {
      consumer.wakeup();
    }
  }
}
