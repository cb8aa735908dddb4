// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.kafka;

import java.nio.ByteBuffer;
import java.time.Clock;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.favstream.protocol.Codec;
import org.favstream.protocol.DeadLetter;
import org.favstream.protocol.Topics;

/**
 * Makes dead letters of what a node could not use.
 *
 * @param run the run's id
 * @param topics where the letters go
 * @param node who writes them
 * @param clock tells their time
 */
public record DeadLetters(String run, Topics topics, String node, Clock clock) {

  /** The letter about a record, ready to be sent. */
  public ProducerRecord<String, byte[]> about(
      ConsumerRecord<String, byte[]> record, String reason) {
    byte[] value = record.value() == null ? new byte[0] : record.value();
    return about(record.topic(), record.partition(), record.offset(), value, reason);
  }

  /** The letter about what stands there, ready to be sent. */
  public ProducerRecord<String, byte[]> about(
      String topic, int partition, long offset, byte[] value, String reason) {
    DeadLetter letter =
        new DeadLetter(
            run, topic, partition, offset, reason, node, ByteBuffer.wrap(value), clock.millis());
    String key = topic + "-" + partition + "@" + offset;
    return new ProducerRecord<>(topics.deadLetters(), key, Codec.DEAD_LETTER.encode(letter));
  }
}
