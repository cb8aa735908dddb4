// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.favstream.actors.runtime.Faults;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.protocol.Codec;
import org.favstream.protocol.MalformedRecordException;
import org.favstream.protocol.RewardDefinition;
import org.favstream.protocol.RewardVersion;
import org.favstream.protocol.ScoredGeneration;
import org.favstream.protocol.Topics;
import org.favstream.reward.model.RewardModel;
import org.favstream.reward.registry.Registry;
import org.favstream.reward.registry.RewardModels;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scores a share of the live groups with the rewards that are in shadow, and compares with what the
 * active reward said of them. It reads what reward actors wrote and writes nothing of it, on one
 * thread of low priority; where that does not keep up, groups are passed over and counted.
 *
 * <p>Which groups it takes follows from where they stand, so that two shadows of one share take the
 * same ones, and is decided before they are decoded.
 */
final class Shadows implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration IDLE = Duration.ofSeconds(1);
  private static final long PAUSE_MILLIS = 1_000;

  /** Groups behind the end of the topic at which it gives up keeping up. */
  private static final long MOST_BEHIND = 256;

  private static final Logger log = LoggerFactory.getLogger(Shadows.class);

  /** What ends a shadow whose reward became active. */
  @FunctionalInterface
  interface Ending {
    void end(RewardVersion reward, String result);
  }

  /** One reward in shadow; its model is the thread's own. */
  private static final class Watched {
    private final ShadowFigures figures;
    private double share;
    private @Nullable RewardModel model;
    private boolean broken;

    Watched(RewardVersion active) {
      this.figures = new ShadowFigures(active);
    }

    void close() {
      if (model != null) {
        model.close();
      }
      model = null;
    }
  }

  private final NodeContext node;
  private final String nodeName;
  private final LiveRegistry registry;
  private final RewardModels models;
  private final Ending ending;
  private final ConcurrentMap<RewardVersion, Watched> watched = new ConcurrentHashMap<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;
  private @Nullable KafkaConsumer<String, byte[]> consumer; // the thread's own

  /**
   * Begins to watch.
   *
   * @param nodeName the control's: it scores what it was asked to, and not what another was
   */
  @SuppressWarnings("ThreadPriorityCheck") // no more than a hint: the run comes first
  Shadows(
      NodeContext node,
      String nodeName,
      LiveRegistry registry,
      RewardModels models,
      Ending ending) {
    this.node = node;
    this.nodeName = nodeName;
    this.registry = registry;
    this.models = models;
    this.ending = ending;
    this.thread = new Thread(this::run, "favstream-shadow");
    thread.setDaemon(true);
    thread.setPriority(Thread.MIN_PRIORITY);
    thread.start();
  }

  /** What was seen so far, as JSON. */
  Map<RewardVersion, String> results() {
    Map<RewardVersion, String> results = new HashMap<>();
    watched.forEach((reward, one) -> results.put(reward, one.figures.toJson().toString()));
    return results;
  }

  private void run() {
    try {
      while (closed.getCount() > 0) {
        try {
          turn();
        } catch (InterruptException e) {
          throw e; // closed; it is a KafkaException too
        } catch (KafkaException e) {
          log.warn("the shadow's reader: {}; it begins anew at the end", Faults.describe(e));
          closeConsumer();
          boolean unused = closed.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        }
      }
    } catch (InterruptedException | InterruptException e) {
      // closed
    } finally {
      boolean unused = Thread.interrupted(); // or the consumer does not close
      closeConsumer();
      watched.values().forEach(Watched::close);
    }
  }

  private void closeConsumer() {
    if (consumer != null) {
      consumer.close();
    }
    consumer = null;
  }

  private void turn() throws InterruptedException {
    Registry known = registry.known();
    follow(known);
    if (watched.isEmpty()) {
      closeConsumer();
      boolean unused = registry.await(next -> !next.shadowsOf(nodeName).isEmpty(), IDLE);
      return;
    }
    KafkaConsumer<String, byte[]> reader = reader();
    for (ConsumerRecord<String, byte[]> record : reader.poll(POLL)) {
      take(record, known.timeline().current().number());
      if (closed.getCount() == 0) {
        return;
      }
    }
    keepUp(reader);
  }

  /** Takes up what the registry says of shadows. */
  private void follow(Registry known) {
    Map<RewardVersion, Double> own = known.shadowsOf(nodeName);
    Iterator<Map.Entry<RewardVersion, Watched>> all = watched.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<RewardVersion, Watched> one = all.next();
      if (!own.containsKey(one.getKey())) {
        all.remove();
        one.getValue().close();
      }
    }
    own.forEach(
        (reward, share) -> {
          if (!reward.equals(known.active())) {
            watched.computeIfAbsent(reward, fresh -> new Watched(known.active())).share = share;
            return;
          }
          Watched over = watched.remove(reward); // none where it was activated while nobody watched
          if (over != null) {
            over.close();
          }
          ending.end(reward, over == null ? "" : over.figures.toJson().toString());
        });
  }

  private KafkaConsumer<String, byte[]> reader() {
    KafkaConsumer<String, byte[]> known = consumer;
    if (known != null) {
      return known;
    }
    Map<String, Object> settings = node.connection().consumerProperties();
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
    KafkaConsumer<String, byte[]> fresh =
        new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        IntStream.range(0, Topics.GROUP_PARTITIONS)
            .mapToObj(partition -> new TopicPartition(node.topics().scores(), partition))
            .toList();
    consumer = fresh;
    fresh.assign(partitions);
    fresh.seekToEnd(partitions);
    return fresh;
  }

  /** A number in [0, 1) that follows from where a group stands: SplitMix64's finaliser. */
  static double place(int partition, long offset) {
    long z = (offset << 8 | partition) * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return ((z ^ (z >>> 31)) >>> 11) * 0x1p-53;
  }

  private void take(ConsumerRecord<String, byte[]> record, long activation) {
    double place = place(record.partition(), record.offset());
    List<Map.Entry<RewardVersion, Watched>> takers = new ArrayList<>();
    for (Map.Entry<RewardVersion, Watched> one : watched.entrySet()) {
      if (place < one.getValue().share && !one.getValue().broken) {
        takers.add(one);
      }
    }
    if (takers.isEmpty()) {
      return;
    }
    Optional<ScoredGeneration.Scored> group = comparable(record, activation);
    if (group.isEmpty()) {
      return;
    }
    RewardModel.Block block = GroupScorer.block(group.get().generation());
    RewardModel.Rewards active =
        new RewardModel.Rewards(group.get().rewards().toArray(), group.get().gradients().toArray());
    for (Map.Entry<RewardVersion, Watched> taker : takers) {
      score(taker.getKey(), taker.getValue(), group.get(), block, active);
    }
  }

  /** A group that was scored, by the active reward alone. */
  private static Optional<ScoredGeneration.Scored> comparable(
      ConsumerRecord<String, byte[]> record, long activation) {
    try {
      byte[] value = record.value() == null ? new byte[0] : record.value();
      if (Codec.SCORED_GENERATION.decode(value) instanceof ScoredGeneration.Scored scored
          && scored.scoring().blend().isEmpty()
          && scored.scoring().activation() == activation) {
        return Optional.of(scored);
      }
    } catch (MalformedRecordException e) {
      log.debug("offset {} of {}: {}", record.offset(), record.topic(), e.reason());
    }
    return Optional.empty();
  }

  private void score(
      RewardVersion reward,
      Watched one,
      ScoredGeneration.Scored group,
      RewardModel.Block block,
      RewardModel.Rewards active) {
    try {
      RewardModel model = model(reward, one);
      RewardModel.Rewards rewards = model.evaluate(block);
      Optional<String> misfit = rewards.misfitTo(block);
      if (misfit.isPresent()) {
        one.figures.fail(misfit.get());
      } else {
        one.figures.add(group.scoring().activation(), group.reward(), block, active, rewards);
      }
    } catch (RuntimeException | LinkageError e) {
      one.broken = one.model == null; // it cannot be made: not to be tried at each group
      one.figures.fail(Faults.describe(e));
    }
  }

  private RewardModel model(RewardVersion reward, Watched one) {
    RewardModel known = one.model;
    if (known != null) {
      return known;
    }
    RewardDefinition definition =
        registry
            .known()
            .definition(reward)
            .orElseThrow(() -> new IllegalStateException("there is no reward " + reward));
    RewardModel fresh = models.open(definition);
    one.model = fresh;
    return fresh;
  }

  /** Passes over what there is where it is too much. */
  private void keepUp(KafkaConsumer<String, byte[]> reader) {
    Map<TopicPartition, Long> behind = new HashMap<>();
    for (TopicPartition partition : reader.assignment()) {
      OptionalLong lag = reader.currentLag(partition);
      if (lag.isPresent() && lag.getAsLong() > 0) {
        behind.put(partition, lag.getAsLong());
      }
    }
    if (behind.values().stream().mapToLong(Long::longValue).sum() <= MOST_BEHIND) {
      return;
    }
    behind.forEach(
        (partition, groups) -> {
          long from = reader.position(partition);
          for (Watched one : watched.values()) {
            one.figures.skip(
                LongStream.range(from, from + groups)
                    .filter(offset -> place(partition.partition(), offset) < one.share)
                    .count());
          }
          reader.seek(partition, from + groups);
        });
  }

  @Override
  public void close() {
    closed.countDown();
    thread.interrupt();
    try {
      thread.join(TimeUnit.SECONDS.toMillis(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
