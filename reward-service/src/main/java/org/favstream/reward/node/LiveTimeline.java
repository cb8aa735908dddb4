// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.favstream.actors.kafka.TopicReader;
import org.favstream.actors.registry.RewardTimeline;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.protocol.Codec;
import org.favstream.protocol.RegistryEvent;
import org.favstream.protocol.RewardVersion;

/** The activations of a run, as far as the log has them. */
final class LiveTimeline implements Supplier<RewardTimeline>, AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final String topic;
  private final Producer<String, byte[]> producer;
  private final TopicReader<?> reader;
  private final CountDownLatch caughtUp = new CountDownLatch(1);
  private volatile RewardTimeline timeline;

  /**
   * Begins to follow.
   *
   * @param nodeName who follows
   * @param own the job's own reward
   */
  LiveTimeline(NodeContext node, String nodeName, RewardVersion own) {
    this.timeline = RewardTimeline.of(own);
    this.topic = node.topics().rewardRegistry();
    this.producer = new KafkaProducer<>(node.connection().producerProperties());
    this.reader =
        TopicReader.from(
            new TopicReader.Source<>(
                node.connection(), topic, Codec.REGISTRY, node.deadLetters(nodeName), producer),
            Map.of(0, 0L),
            this::take,
            caughtUp::countDown);
  }

  private void take(List<TopicReader.Read<RegistryEvent>> reads) {
    RewardTimeline next = timeline;
    for (TopicReader.Read<RegistryEvent> read : reads) {
      next = next.with(read.value());
    }
    timeline = next;
  }

  /**
   * What is known now; waits until the past is.
   *
   * @throws IllegalStateException where the log does not say it within a minute
   */
  @Override
  public RewardTimeline get() {
    try {
      if (!caughtUp.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException(
            "topic %s could not be read within %d s".formatted(topic, PATIENCE.toSeconds()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("closed before the past was known", e);
    }
    return timeline;
  }

  @Override
  public void close() {
    reader.close();
    producer.close(Duration.ofSeconds(1));
  }
}
