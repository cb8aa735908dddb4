// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.kafka;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.favstream.protocol.Codec;
import org.favstream.protocol.MalformedRecordException;

/** What stands last on a compacted topic of one partition. */
public final class TopicEnd {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private TopicEnd() {}

  /**
   * The last record that is picked, of all that were committed when this is called; blocks.
   *
   * @param pick what is wanted of a record; empty where nothing is
   * @throws LogUnavailableException where the topic does not answer
   */
  public static <T, R> Optional<R> last(
      KafkaConnection connection, String topic, Codec<T> codec, Function<T, Optional<R>> pick) {
    TopicPartition all = new TopicPartition(topic, 0);
    Optional<R> last = Optional.empty();
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(
            connection.consumerProperties(),
            new StringDeserializer(),
            new ByteArrayDeserializer())) {
      consumer.assign(List.of(all));
      consumer.seekToBeginning(List.of(all));
      long end = consumer.endOffsets(List.of(all), TIMEOUT).getOrDefault(all, 0L);
      long deadline = System.nanoTime() + TIMEOUT.toNanos();
      while (consumer.position(all) < end) {
        if (System.nanoTime() > deadline) {
          throw new LogUnavailableException(
              "topic %s: only offset %d of %d was reached within %d s"
                  .formatted(topic, consumer.position(all), end, TIMEOUT.toSeconds()));
        }
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          Optional<R> picked = decoded(record, codec).flatMap(pick);
          last = picked.isPresent() ? picked : last;
        }
      }
    }
    return last;
  }

  private static <T> Optional<T> decoded(ConsumerRecord<String, byte[]> record, Codec<T> codec) {
    if (record.value() == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(codec.decode(record.value()));
    } catch (MalformedRecordException e) {
      return Optional.empty(); // those who follow the topic send it to the dead letters
    }
  }
}
