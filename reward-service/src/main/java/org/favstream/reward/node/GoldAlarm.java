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
import org.favstream.actors.runtime.Faults;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.protocol.Codec;
import org.favstream.protocol.Evaluation;
import org.favstream.protocol.RegistryEvent;
import org.favstream.protocol.RewardVersion;
import org.favstream.reward.evaluation.GoldWatch;
import org.favstream.reward.evaluation.OverOptimisation;
import org.favstream.reward.registry.RefusedException;
import org.favstream.reward.registry.Registry;
import org.favstream.reward.registry.RewardOperations;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the topic evaluations, and sounds the alarm when the active reward is exploited: an event
 * of the registry, and where the job wants it, a rollback. An alarm that stands on the log tells
 * nobody again. What one of them has left undone, for its node died or the log did not answer, is
 * made up for at the next reading, and by whoever begins to follow later.
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

  /** A reading that says that the reward is exploited. */
  private record Sighting(long version, long activation, String detail) {}

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
  private boolean live; // the reader's own
  private @Nullable Sighting seen; // the reader's own
  private String refusal = ""; // the worker's own

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
    Sighting past = seen;
    worker.execute(
        () -> {
          count();
          if (past != null) {
            settle(past);
          }
        });
  }

  private void take(List<TopicReader.Read<Evaluation>> reads) {
    for (TopicReader.Read<Evaluation> read : reads) {
      take(read.value());
    }
  }

  private void take(Evaluation reading) {
    Sighting before = seen;
    Optional<Sighting> now = watch.on(reading).map(detail -> sighting(reading, detail));
    if (now.isPresent()) {
      seen = now.get();
      if (live) {
        worker.execute(() -> sound(now.get()));
      }
    } else if (live && before != null && activation(reading).equals(before.activation())) {
      worker.execute(() -> settle(before));
    }
  }

  private static Sighting sighting(Evaluation reading, String detail) {
    return new Sighting(reading.version(), activation(reading).longValue(), detail);
  }

  /** Of the reward that was active; that of none where the reading has no watch's metrics. */
  private static Long activation(Evaluation reading) {
    return reading.metrics().getOrDefault(GoldWatch.ACTIVATION, -1.0).longValue();
  }

  private void sound(Sighting sighting) {
    listener.say(NAME + ": " + sighting.detail());
    try {
      boolean first = isFirst(sighting);
      count();
      if (first && settings.rollback()) {
        goBack(sighting);
      }
    } catch (RefusedException e) {
      refused(sighting, e);
    }
  }

  /** Does what an earlier reading called for, and nobody has done. */
  private void settle(Sighting sighting) {
    try {
      Registry known = control.registry();
      if (known.timeline().current().number() != sighting.activation()) {
        return;
      }
      if (!isRaised(known)) {
        sound(sighting);
      } else if (settings.rollback() && known.previous().isPresent()) {
        goBack(sighting);
      }
    } catch (RefusedException e) {
      refused(sighting, e);
    }
  }

  /** Once, though it is tried at each reading. */
  private void refused(Sighting sighting, RefusedException e) {
    String why = Faults.describe(e);
    if (!refusal.equals(why)) {
      refusal = why;
      log.warn("{} at version {}: {}", NAME, sighting.version(), refusal);
      listener.say(NAME + ": " + refusal);
    }
  }

  /** Whether the alarm was raised over the reward that is active. */
  private static boolean isRaised(Registry known) {
    boolean raised = false;
    for (Registry.Entry entry : known.history()) {
      if (entry.voidBecause().isPresent()) {
        continue;
      }
      if (entry.event() instanceof RegistryEvent.Activated) {
        raised = false;
      } else if (entry.event() instanceof RegistryEvent.Alarmed alarmed) {
        raised |= alarmed.alarm().equals(NAME);
      }
    }
    return raised;
  }

  /** Of several controls that watch, one alarms, and goes back. */
  private boolean isFirst(Sighting sighting) throws RefusedException {
    try {
      RewardOperations.Done unused =
          control.alarm(NAME, sighting.version(), sighting.detail(), nodeName);
      return true;
    } catch (RefusedException e) {
      if (e.kind() != RefusedException.Kind.CONFLICT) {
        throw e;
      }
      log.info("{} at version {}: {}", NAME, sighting.version(), e.getMessage());
      return false;
    }
  }

  /** Unless someone has activated another reward since, which is not the one that was exploited. */
  private void goBack(Sighting sighting) throws RefusedException {
    try {
      RewardVersion exploited = control.registry().active();
      RewardOperations.Done unused =
          control.rollbackFrom(sighting.activation(), sighting.detail(), nodeName);
      listener.say("rolled back from %s to %s".formatted(exploited, control.registry().active()));
    } catch (RefusedException e) {
      if (e.kind() != RefusedException.Kind.CONFLICT) {
        throw e;
      }
      listener.say("not rolled back: " + e.getMessage());
    }
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
