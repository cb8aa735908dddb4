// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.favstream.actors.kafka.TopicReader;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.protocol.Codec;
import org.favstream.protocol.Evaluation;
import org.favstream.reward.evaluation.GoldWatch;
import org.favstream.reward.evaluation.OverOptimisation;
import org.favstream.reward.registry.RefusedException;
import org.favstream.reward.registry.RewardOperations;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the topic evaluations, and sounds the alarm when the active reward is exploited: an event
 * of the registry, and where the job wants it, a rollback. What was read before it began is known,
 * and tells nobody again.
 */
public final class GoldAlarm implements AutoCloseable {
  /** The name of the alarm. */
  public static final String NAME = "over-optimisation";

  private static final int MOST_WAITING = 16;

  private static final Logger log = LoggerFactory.getLogger(GoldAlarm.class);

  private final RewardControl control;
  private final GoldWatch.Settings settings;
  private final String nodeName;
  private final Consumer<String> told;
  private final OverOptimisation watch;
  private final Producer<String, byte[]> producer;
  private final TopicReader<?> reader;
  private final ThreadPoolExecutor worker;
  private volatile boolean live;

  /**
   * Begins to follow.
   *
   * @param control puts alarms on the log, and goes back
   * @param nodeName who does it
   * @param told of each alarm, for people
   */
  public GoldAlarm(
      NodeContext node,
      RewardControl control,
      GoldWatch.Settings settings,
      String nodeName,
      Consumer<String> told) {
    this.control = control;
    this.settings = settings;
    this.nodeName = nodeName;
    this.told = told;
    this.watch = new OverOptimisation(settings);
    this.worker =
        new ThreadPoolExecutor(
            1,
            1,
            1,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING),
            task -> {
              Thread thread = new Thread(task, "favstream-alarm");
              thread.setDaemon(true);
              return thread;
            },
            new ThreadPoolExecutor.DiscardPolicy());
    this.producer = new KafkaProducer<>(node.connection().producerProperties());
    this.reader =
        TopicReader.from(
            new TopicReader.Source<>(
                node.connection(),
                node.topics().evaluations(),
                Codec.EVALUATION,
                node.deadLetters(nodeName),
                producer),
            Map.of(0, 0L),
            this::take,
            () -> live = true);
  }

  private void take(List<TopicReader.Read<Evaluation>> reads) {
    for (TopicReader.Read<Evaluation> read : reads) {
      Optional<String> wrong = watch.on(read.value());
      if (wrong.isPresent() && live) {
        worker.execute(() -> sound(read.value().version(), wrong.get()));
      }
    }
  }

  private void sound(long weightsVersion, String detail) {
    told.accept(NAME + ": " + detail);
    try {
      RewardOperations.Done unused = control.alarm(NAME, weightsVersion, detail, nodeName);
      if (settings.rollback()) {
        RewardOperations.Done back = control.rollback(detail, nodeName);
        told.accept("rolled back: " + back.event());
      }
    } catch (RefusedException e) {
      log.warn("{} at version {}: {}", NAME, weightsVersion, e.getMessage());
      told.accept(NAME + ": " + e.getMessage());
    }
  }

  @Override
  public void close() {
    reader.close();
    worker.shutdownNow();
    producer.close(Duration.ofSeconds(1));
  }
}
