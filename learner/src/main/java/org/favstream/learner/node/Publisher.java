// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.node;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.favstream.actors.kafka.LogUnavailableException;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.actors.weights.PublishedWeights;
import org.favstream.actors.weights.WeightsLog;
import org.favstream.protocol.Codec;
import org.favstream.protocol.Credits;
import org.favstream.protocol.LineageStep;
import org.favstream.protocol.MalformedRecordException;
import org.favstream.protocol.WeightsRecord;

/**
 * The learner's one way onto the log: weights, credits and lineage in one transaction. To open it
 * fences every earlier one, so that a zombie can publish nothing. Confined to one thread at a time;
 * all calls block.
 */
final class Publisher implements AutoCloseable {
  private static final Duration END_OF_LOG_TIMEOUT = Duration.ofSeconds(60);

  /**
   * What becomes known at once.
   *
   * @param weights with their version; empty where only credits change
   * @param credits in force from that version on
   * @param lineage of the steps since the publication before
   */
  record Publication(
      Optional<PublishedWeights> weights, Credits credits, List<LineageStep> lineage) {}

  private final NodeContext node;
  private final Producer<String, byte[]> producer;

  /**
   * Opens it and fences the one before.
   *
   * @throws KafkaException where the cluster refuses
   */
  Publisher(NodeContext node) {
    this.node = node;
    Map<String, Object> settings = new HashMap<>(node.connection().producerProperties());
    settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, node.topics().prefix() + "learner");
    this.producer = new KafkaProducer<>(settings);
    producer.initTransactions();
  }

  /**
   * Publishes; on return it is committed.
   *
   * @throws KafkaException where it is not, and the learner must begin anew
   */
  void publish(Publication publication) {
    producer.beginTransaction();
    publication
        .weights()
        .ifPresent(
            weights ->
                WeightsLog.records(node.run(), weights)
                    .forEach(
                        (key, record) ->
                            send(node.topics().weights(), key, Codec.WEIGHTS.encode(record))));
    for (LineageStep step : publication.lineage()) {
      send(node.topics().lineage(), Long.toString(step.step()), Codec.LINEAGE.encode(step));
    }
    // After the weights, since credits count once their version is applied.
    send(node.topics().credits(), "credits", Codec.CREDITS.encode(publication.credits()));
    producer.commitTransaction();
  }

  private void send(String topic, String key, byte[] value) {
    Future<RecordMetadata> unused = producer.send(new ProducerRecord<>(topic, key, value));
  }

  /**
   * The weights that were published last, by any earlier life of this run's learner.
   *
   * @throws LogUnavailableException where the topic does not answer
   */
  Optional<WeightsRecord.Manifest> lastWeights() {
    return last(
        node.topics().weights(),
        Codec.WEIGHTS,
        record ->
            record instanceof WeightsRecord.Manifest manifest
                ? Optional.of(manifest)
                : Optional.empty());
  }

  /**
   * The credits that were granted last, by any earlier life of this run's learner.
   *
   * @throws LogUnavailableException where the topic does not answer
   */
  Optional<Credits> lastCredits() {
    return last(node.topics().credits(), Codec.CREDITS, Optional::of);
  }

  private <T, R> Optional<R> last(String topic, Codec<T> codec, Function<T, Optional<R>> pick) {
    Map<String, Object> settings = new HashMap<>(node.connection().admin());
    settings.putAll(node.connection().consumer());
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    TopicPartition all = new TopicPartition(topic, 0);
    Optional<R> last = Optional.empty();
    try (KafkaConsumer<String, byte[]> consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(all));
      consumer.seekToBeginning(List.of(all));
      long end = consumer.endOffsets(List.of(all), END_OF_LOG_TIMEOUT).getOrDefault(all, 0L);
      long deadline = System.nanoTime() + END_OF_LOG_TIMEOUT.toNanos();
      while (consumer.position(all) < end) {
        if (System.nanoTime() > deadline) {
          throw new LogUnavailableException(
              "topic %s: only offset %d of %d was reached within %d s"
                  .formatted(topic, consumer.position(all), end, END_OF_LOG_TIMEOUT.toSeconds()));
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

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
  }
}
