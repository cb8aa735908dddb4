// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.favstream.actors.kafka.TopicReader;
import org.favstream.actors.runtime.Faults;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.protocol.Codec;
import org.favstream.protocol.RegistryEvent;
import org.favstream.protocol.RewardDefinition;
import org.favstream.reward.registry.RefusedException;
import org.favstream.reward.registry.RefusedException.Kind;
import org.favstream.reward.registry.Registry;

/**
 * The registry as the log has it. What is written changes it only once it was read back, as what
 * anyone else writes does.
 */
final class LiveRegistry implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final String topic;
  private final Producer<String, byte[]> producer;
  private final TopicReader<?> reader;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private Registry registry; // under the lock, as all below
  private long next; // the first offset that was not read yet
  private boolean caughtUp;

  /**
   * Begins to follow.
   *
   * @param nodeName who follows
   * @param own the job's own reward
   */
  LiveRegistry(NodeContext node, String nodeName, RewardDefinition own) {
    this.registry = Registry.of(own);
    this.topic = node.topics().rewardRegistry();
    Map<String, Object> settings = new HashMap<>(node.connection().producerProperties());
    int millis = (int) PATIENCE.toMillis();
    // Whoever asked waits: it is to end where the log does not answer.
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, millis);
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, millis / 3);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, millis);
    this.producer = new KafkaProducer<>(settings);
    this.reader =
        TopicReader.from(
            new TopicReader.Source<>(
                node.connection(), topic, Codec.REGISTRY, node.deadLetters(nodeName), producer),
            Map.of(0, 0L),
            this::take,
            this::caughtUp);
  }

  private void take(List<TopicReader.Read<RegistryEvent>> reads) {
    lock.lock();
    try {
      for (TopicReader.Read<RegistryEvent> read : reads) {
        registry = registry.with(read.offset(), read.value());
        next = read.offset() + 1;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void caughtUp() {
    lock.lock();
    try {
      caughtUp = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** What is known so far; it may be that not all that is on the log was read yet. */
  Registry known() {
    lock.lock();
    try {
      return registry;
    } finally {
      lock.unlock();
    }
  }

  /** What the log says now; waits until the past is known. */
  Registry get() throws RefusedException {
    try {
      if (await(known -> caughtUp, PATIENCE)) {
        return known();
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    throw new RefusedException(
        Kind.UNAVAILABLE,
        "topic %s could not be read within %d s: does the cluster answer?"
            .formatted(topic, PATIENCE.toSeconds()));
  }

  /**
   * Waits until the registry is such; called under the lock.
   *
   * @return whether it is
   */
  boolean await(Predicate<Registry> wanted, Duration patience) throws InterruptedException {
    long left = patience.toNanos();
    lock.lockInterruptibly();
    try {
      while (!wanted.test(registry)) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Puts an event on the log, and waits until it was read back.
   *
   * @return what became of it
   * @throws RefusedException where the log does not answer in time
   */
  Registry.Entry write(RegistryEvent event) throws RefusedException {
    return write(event, PATIENCE);
  }

  /**
   * The same.
   *
   * @param patience how long each of writing and reading back may take
   */
  Registry.Entry write(RegistryEvent event, Duration patience) throws RefusedException {
    try {
      RecordMetadata written =
          producer
              .send(new ProducerRecord<>(topic, event.origin().by(), Codec.REGISTRY.encode(event)))
              .get(patience.toMillis(), TimeUnit.MILLISECONDS);
      if (await(known -> next > written.offset(), patience)) {
        return known()
            .at(written.offset())
            .orElseThrow(
                () ->
                    new IllegalStateException("%s was read, but is not there".formatted(written)));
      }
      throw new TimeoutException("it was written, but not read back");
    } catch (ExecutionException | TimeoutException | KafkaException e) {
      throw new RefusedException(
          Kind.UNAVAILABLE,
          "the log did not confirm it within %d s (%s); it may still come to be: the history will show"
              .formatted(patience.toSeconds(), Faults.describe(e)),
          e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static RefusedException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new RefusedException(Kind.UNAVAILABLE, "this node ends", e);
  }

  @Override
  public void close() {
    reader.close();
    producer.close(Duration.ofSeconds(1));
  }
}
