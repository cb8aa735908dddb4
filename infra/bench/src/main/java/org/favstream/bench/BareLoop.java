// SPDX-License-Identifier: Apache-2.0
package org.favstream.bench;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.favstream.actors.kafka.KafkaConnection;
import org.favstream.protocol.Topics;

/**
 * The least that moves records through three stages at least once: produce; consume, produce,
 * commit after the effect; consume. As many records are on their way as favstream's credits allow.
 */
final class BareLoop implements AutoCloseable {
  private final Semaphore credits;
  private final AtomicLong arrived = new AtomicLong();
  private final List<Thread> stages;
  private volatile boolean closed;

  BareLoop(
      KafkaConnection connection, Topics topics, byte[] generation, byte[] scored, int underWay) {
    this.credits = new Semaphore(underWay);
    this.stages =
        List.of(
            new Thread(() -> sample(connection, topics, generation), "bare-sampler"),
            new Thread(() -> reward(connection, topics, scored), "bare-reward"),
            new Thread(() -> learn(connection, topics), "bare-learner"));
    stages.forEach(Thread::start);
  }

  /** Records that have come through. */
  long arrived() {
    return arrived.get();
  }

  private void sample(KafkaConnection connection, Topics topics, byte[] value) {
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(connection.producerProperties())) {
      while (!closed) {
        credits.acquire();
        Future<RecordMetadata> unused =
            producer.send(new ProducerRecord<>(topics.generations(), "sampler-0#0", value));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void reward(KafkaConnection connection, Topics topics, byte[] value) {
    try (KafkaConsumer<String, byte[]> consumer =
            consumer(connection.consumerProperties(topics.prefix() + "rewards"));
        KafkaProducer<String, byte[]> producer =
            new KafkaProducer<>(connection.producerProperties())) {
      consumer.subscribe(List.of(topics.generations()));
      while (!closed) {
        ConsumerRecords<String, byte[]> records = consumer.poll(Duration.ofMillis(100));
        for (ConsumerRecord<String, byte[]> record : records) {
          Future<RecordMetadata> unused =
              producer.send(new ProducerRecord<>(topics.scores(), record.key(), value));
        }
        producer.flush();
        consumer.commitAsync();
      }
    }
  }

  private void learn(KafkaConnection connection, Topics topics) {
    try (KafkaConsumer<String, byte[]> consumer = consumer(connection.consumerProperties())) {
      consumer.assign(
          IntStream.range(0, Topics.GROUP_PARTITIONS)
              .mapToObj(partition -> new TopicPartition(topics.scores(), partition))
              .toList());
      consumer.seekToBeginning(consumer.assignment());
      while (!closed) {
        int count = consumer.poll(Duration.ofMillis(100)).count();
        arrived.addAndGet(count);
        credits.release(count);
      }
    }
  }

  private static KafkaConsumer<String, byte[]> consumer(Map<String, Object> settings) {
    return new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
  }

  @Override
  public void close() throws InterruptedException {
    closed = true;
    credits.release(1);
    for (Thread stage : stages) {
      stage.join();
    }
  }
}
