// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import ai.djl.Device;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.favstream.actors.kafka.TopicReader;
import org.favstream.actors.kafka.WeightsFeed;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.actors.weights.PublishedWeights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.Codec;
import org.favstream.protocol.RewardDefinition;
import org.favstream.protocol.RewardVersion;
import org.favstream.reward.critic.CriticReward;
import org.favstream.reward.critic.TwinCritic;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The critics of the topic reward-models: each group is scored with the newest verified version.
 * Before there is one, workers wait.
 */
public final class LiveCritics implements RewardSource {
  private static final Logger log = LoggerFactory.getLogger(LiveCritics.class);

  private final String name;
  private final TwinCritic critic;
  private final Device device;
  private final Producer<String, byte[]> producer;
  private final TopicReader<?> feed;
  private final CountDownLatch first = new CountDownLatch(1);
  private volatile @Nullable PublishedWeights newest;

  /**
   * Begins to follow.
   *
   * @param name of the reward
   * @param nodeName who follows
   */
  public LiveCritics(
      NodeContext node, String nodeName, String name, TwinCritic critic, Device device) {
    this.name = name;
    this.critic = critic;
    this.device = device;
    this.producer = new KafkaProducer<>(node.connection().producerProperties());
    this.feed =
        WeightsFeed.startAtNewest(
            new TopicReader.Source<>(
                node.connection(),
                node.topics().rewardModels(),
                Codec.WEIGHTS,
                node.deadLetters(nodeName),
                producer),
            this::take);
  }

  private void take(PublishedWeights weights) {
    newest = weights;
    first.countDown();
  }

  @Override
  public VersionedReward open(Function<RewardVersion, Optional<RewardDefinition>> definitions) {
    return new Live();
  }

  @Override
  public boolean await(Duration most) {
    try {
      return first.await(most.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() {
    feed.close();
    producer.close(Duration.ofSeconds(1));
  }

  private PublishedWeights newest() {
    try {
      first.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("closed before there was a critic", e);
    }
    PublishedWeights known = newest;
    if (known == null) {
      throw new IllegalStateException("no critic, although one was told of");
    }
    return known;
  }

  /** Of one worker. */
  private final class Live implements VersionedReward {
    private @Nullable CriticReward reward;
    private long version = -1;
    private long refused = -1;

    @Override
    public Current current(RewardVersion wanted) {
      PublishedWeights next = newest();
      if (next.version() > Math.max(version, refused)) {
        take(next);
      }
      CriticReward loaded = reward;
      if (loaded == null) {
        throw new IllegalStateException(
            "no critic that fits: version %d was refused".formatted(refused));
      }
      return new Current(new RewardVersion(name, version), loaded, Optional.empty());
    }

    private void take(PublishedWeights next) {
      try {
        CriticReward loaded = reward;
        if (loaded == null) {
          reward = new CriticReward(critic, next.weights(), device);
        } else {
          loaded.swap(next.weights());
        }
        version = next.version();
      } catch (WeightsException e) {
        refused = next.version();
        log.error("critic version {} is refused: {}", next.version(), e.getMessage());
      }
    }

    @Override
    public void close() {
      if (reward != null) {
        reward.close();
      }
    }
  }
}
