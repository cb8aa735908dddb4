// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.favstream.actors.kafka.TopicReader;
import org.favstream.actors.registry.RewardTimeline;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.protocol.Codec;
import org.favstream.protocol.Evaluation;
import org.favstream.protocol.RegistryEvent;
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

  /** Who is told, on the alarm's own thread. */
  public interface Listener {

    /** Something for people. */
    void say(String message);

    /** How many alarms of the run stand on the log: told at the beginning, and after each. */
    default void alarms(long soFar) {}
  }

  private static final int MOST_WAITING = 16;

  private static final Logger log = LoggerFactory.getLogger(GoldAlarm.class);

  private final RewardControl control;
  private final GoldWatch.Settings settings;
  private final String nodeName;
  private final Listener listener;
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
   * @param listener told of each alarm
   */
  public GoldAlarm(
      NodeContext node,
      RewardControl control,
      GoldWatch.Settings settings,
      String nodeName,
      Listener listener) {
    this.control = control;
    this.settings = settings;
    this.nodeName = nodeName;
    this.listener = listener;
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
            this::caughtUp);
  }

  private void caughtUp() {
    live = true;
    worker.execute(this::count);
  }

  private void take(List<TopicReader.Read<Evaluation>> reads) {
    for (TopicReader.Read<Evaluation> read : reads) {
      Optional<String> wrong = watch.on(read.value());
      if (wrong.isPresent() && live) {
        worker.execute(() -> sound(read.value(), wrong.get()));
      }
    }
  }

  private void sound(Evaluation seen, String detail) {
    listener.say(NAME + ": " + detail);
    try {
      boolean first = isFirst(seen, detail);
      count();
      if (first && settings.rollback()) {
        goBack(seen, detail);
      }
    } catch (RefusedException e) {
      log.warn("{} at version {}: {}", NAME, seen.version(), e.getMessage());
      listener.say(NAME + ": " + e.getMessage());
    }
  }

  /** Of several controls that watch, one alarms, and goes back. */
  private boolean isFirst(Evaluation seen, String detail) throws RefusedException {
    try {
      RewardOperations.Done unused = control.alarm(NAME, seen.version(), detail, nodeName);
      return true;
    } catch (RefusedException e) {
      if (e.kind() != RefusedException.Kind.CONFLICT) {
        throw e;
      }
      log.info("{} at version {}: {}", NAME, seen.version(), e.getMessage());
      return false;
    }
  }

  /** Unless someone has activated another reward since, which is not the one that was exploited. */
  private void goBack(Evaluation seen, String detail) throws RefusedException {
    RewardTimeline.Activation now = control.registry().timeline().current();
    Double exploited = seen.metrics().get(GoldWatch.ACTIVATION);
    if (exploited == null || exploited.longValue() != now.number()) {
      listener.say("not rolled back: %s is active by now".formatted(now.reward()));
      return;
    }
    RewardOperations.Done unused = control.rollback(detail, nodeName);
    listener.say("rolled back from %s to %s".formatted(now.reward(), control.registry().active()));
  }

  private void count() {
    try {
      listener.alarms(
          control.registry().history().stream()
              .filter(
                  entry ->
                      entry.event() instanceof RegistryEvent.Alarmed
                          && entry.voidBecause().isEmpty())
              .count());
    } catch (RefusedException e) {
      log.warn("alarms could not be counted: {}", e.getMessage());
    }
  }

  @Override
  public void close() {
    reader.close();
    worker.shutdownNow();
    producer.close(Duration.ofSeconds(1));
  }
}
