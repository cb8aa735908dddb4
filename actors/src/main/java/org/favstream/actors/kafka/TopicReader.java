// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.kafka;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.japi.function.Creator;
import org.apache.pekko.kafka.ConsumerSettings;
import org.apache.pekko.kafka.Subscriptions;
import org.apache.pekko.kafka.javadsl.Consumer;
import org.apache.pekko.stream.RestartSettings;
import org.apache.pekko.stream.javadsl.RestartSource;
import org.apache.pekko.stream.javadsl.Source;
import org.favstream.actors.runtime.Faults;
import org.favstream.protocol.Codec;
import org.favstream.protocol.MalformedRecordException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows all partitions of a topic from given offsets, without a group. What cannot be decoded
 * becomes a dead letter, and the stream goes on. After a fault of the client it resumes where it
 * was.
 *
 * @param <T> the record
 */
public final class TopicReader<T> {
  private static final Logger log = LoggerFactory.getLogger(TopicReader.class);

  /**
   * A decoded record and where it stood.
   *
   * @param partition of the topic
   * @param offset in the partition
   */
  public record Read<T>(int partition, long offset, T value) {}

  private final ConsumerSettings<String, byte[]> settings;
  private final String topic;
  private final Codec<T> codec;
  private final DeadLetters deadLetters;
  private final Producer<String, byte[]> producer;

  /**
   * A reader, not yet reading.
   *
   * @param producer sends the dead letters
   */
  public TopicReader(
      ActorSystem<?> system,
      KafkaConnection connection,
      String topic,
      Codec<T> codec,
      DeadLetters deadLetters,
      Producer<String, byte[]> producer) {
    this.settings = connection.consumerSettings(system);
    this.topic = topic;
    this.codec = codec;
    this.deadLetters = deadLetters;
    this.producer = producer;
  }

  /**
   * The records from these offsets on, for ever.
   *
   * @param offsets by partition: the first offset to read
   */
  public Source<Read<T>, NotUsed> from(Map<Integer, Long> offsets) {
    Map<Integer, Long> next = new ConcurrentHashMap<>(offsets);
    return restarting(
        () ->
            Consumer.plainSource(settings, Subscriptions.assignmentWithOffset(positions(next)))
                .mapConcat(
                    record -> {
                      next.put(record.partition(), record.offset() + 1);
                      return decode(record);
                    }));
  }

  /** The records of partition 0 that come from now on, for ever. */
  public Source<Read<T>, NotUsed> fromEnd() {
    ConsumerSettings<String, byte[]> latest =
        settings.withProperty(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
    return restarting(
        () ->
            Consumer.plainSource(latest, Subscriptions.assignment(new TopicPartition(topic, 0)))
                .mapConcat(this::decode));
  }

  private static <T> Source<Read<T>, NotUsed> restarting(
      Creator<Source<Read<T>, Consumer.Control>> source) {
    RestartSettings restarts =
        RestartSettings.create(Duration.ofMillis(200), Duration.ofSeconds(5), 0.2);
    return RestartSource.onFailuresWithBackoff(restarts, source::create);
  }

  private Map<TopicPartition, Long> positions(Map<Integer, Long> next) {
    return next.entrySet().stream()
        .collect(Collectors.toMap(e -> new TopicPartition(topic, e.getKey()), Map.Entry::getValue));
  }

  private Iterable<Read<T>> decode(ConsumerRecord<String, byte[]> record) {
    if (record.value() == null) {
      return List.of(); // a tombstone
    }
    try {
      return List.of(new Read<>(record.partition(), record.offset(), codec.decode(record.value())));
    } catch (MalformedRecordException e) {
      log.warn(
          "{} partition {} offset {}: {}; sent to the dead letters",
          topic,
          record.partition(),
          record.offset(),
          e.reason());
      ProducerRecord<String, byte[]> letter = deadLetters.about(record, e.reason());
      Future<RecordMetadata> unused =
          producer.send(
              letter,
              (sent, fault) -> {
                if (fault != null) {
                  log.warn("a dead letter could not be sent: {}", Faults.describe(fault));
                }
              });
      return List.of();
    }
  }
}
