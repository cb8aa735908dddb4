// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.node;

import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.PartitionInfo;
import org.favstream.protocol.Codec;
import org.favstream.protocol.Transitions;
import org.favstream.sampler.fleet.TransitionsLog;

/**
 * Sends a worker's segments, up to a bound of those that the log has not yet taken. At the bound a
 * simulation waits; an arm in real time must not, in mid-motion, so its worker fails and lets go of
 * it.
 */
final class SegmentSender implements TransitionsLog {
  static final int MOST_UNACKNOWLEDGED = 256;

  private final Producer<String, byte[]> producer;
  private final String topic;
  private final String key;
  private final boolean inRealTime;
  private final Consumer<Throwable> failed;
  private final Semaphore room = new Semaphore(MOST_UNACKNOWLEDGED);

  /**
   * A sender that knows the topic, so that no segment has to wait until it does.
   *
   * @param key of its records
   * @param failed told of each segment that was not taken, on the producer's thread
   */
  SegmentSender(
      Producer<String, byte[]> producer,
      String topic,
      String key,
      boolean inRealTime,
      Consumer<Throwable> failed) {
    this.producer = producer;
    this.topic = topic;
    this.key = key;
    this.inRealTime = inRealTime;
    this.failed = failed;
    List<PartitionInfo> unused = producer.partitionsFor(topic);
  }

  @Override
  public void append(Transitions segment) throws InterruptedException {
    if (inRealTime) {
      if (!room.tryAcquire()) {
        throw new FleetFault(
            "the log has not taken the last %d segments".formatted(MOST_UNACKNOWLEDGED));
      }
    } else {
      room.acquire();
    }
    Future<RecordMetadata> unused =
        producer.send(
            new ProducerRecord<>(topic, key, Codec.TRANSITIONS.encode(segment)),
            (sent, fault) -> {
              room.release();
              if (fault != null) {
                failed.accept(fault);
              }
            });
  }
}
