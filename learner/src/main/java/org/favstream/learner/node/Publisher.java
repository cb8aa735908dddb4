// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.node;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.favstream.actors.kafka.LogUnavailableException;
import org.favstream.actors.kafka.TopicEnd;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.actors.weights.PublishedWeights;
import org.favstream.actors.weights.WeightsLog;
import org.favstream.protocol.Codec;
import org.favstream.protocol.Credits;
import org.favstream.protocol.LineageStep;
import org.favstream.protocol.WeightsRecord;

/**
 * The learner's one way onto the log: weights, credits and lineage in one transaction. To open it
 * fences every earlier one, so that a zombie can publish nothing. Confined to one thread at a time;
 * all calls block.
 */
final class Publisher implements AutoCloseable {
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
    return TopicEnd.last(
        node.connection(),
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
    return TopicEnd.last(node.connection(), node.topics().credits(), Codec.CREDITS, Optional::of);
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(5));
  }
}
