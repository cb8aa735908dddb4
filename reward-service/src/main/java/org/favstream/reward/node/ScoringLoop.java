// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.favstream.actors.kafka.KafkaConnection;
import org.favstream.actors.registry.RewardTimeline;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Consumes a share of a topic's partitions, works on several records at once, produces what comes
 * of them in their order, and commits a record once that is on the log: at least once. It polls
 * also while the work is slow, so that a slow reward does not cost it its place in the group.
 *
 * <p>Where its work is stuck and others share the topic, it leaves its partitions to them, and
 * takes a share again once what it had begun has come to an end, of which nothing is sent.
 *
 * <p>Where another reward was activated, it goes back to the fence and works anew on what it had
 * done, or had begun, with the reward before. A commit carries the number of the activation that
 * was known, so that whoever takes a partition over goes back too where that is needed.
 *
 * <p>Straight on Kafka's clients: a stream's cost a record was more than that of all else here
 * (infra/docs/decisions/11-kafka-clients.md).
 */
final class ScoringLoop implements AutoCloseable {
  private static final Duration IDLE_POLL = Duration.ofMillis(100);

  /** How long it waits for work under way before it looks for more. */
  private static final long SLICE_MILLIS = 5;

  /** Records a task at most: handing a record over costs as much as scoring a small one. */
  private static final int MOST_TOGETHER = 32;

  /** Records under way at most; Kafka's client holds the rest. */
  private static final int MOST_UNDER_WAY = 1024;

  private static final long COMMIT_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
  private static final Duration LAST_COMMIT = Duration.ofSeconds(2);

  private static final Logger log = LoggerFactory.getLogger(ScoringLoop.class);

  /** Called by several threads. */
  @FunctionalInterface
  interface Work {
    /**
     * What a record is turned into.
     *
     * @param timeline the activations that are known
     */
    List<ProducerRecord<String, byte[]>> on(
        ConsumerRecord<String, byte[]> record, RewardTimeline timeline);
  }

  /** Told by the loop's thread. */
  @FunctionalInterface
  interface Listener {
    /**
     * What came of records was sent.
     *
     * @param spent by the worker
     */
    void sent(int records, Duration spent);
  }

  private record Done(List<ProducerRecord<String, byte[]>> results, Duration spent) {}

  private record UnderWay(
      RewardTimeline timeline, List<ConsumerRecord<String, byte[]>> records, Future<Done> done) {}

  private record Sent(
      Map<TopicPartition, OffsetAndMetadata> next, List<Future<RecordMetadata>> acknowledged) {

    boolean isAcknowledged() throws ExecutionException, InterruptedException {
      for (Future<RecordMetadata> one : acknowledged) {
        if (!one.isDone()) {
          return false;
        }
        one.get(); // throws where it failed
      }
      return true;
    }
  }

  private final String topic;
  private final Work work;
  private final Supplier<RewardTimeline> activations;
  private final BooleanSupplier stuck;
  private final Listener listener;
  private final int workerCount;
  private final ExecutorService workers;
  private final KafkaConsumer<String, byte[]> consumer;
  private final KafkaProducer<String, byte[]> producer;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Deque<UnderWay> underWay = new ArrayDeque<>();
  private final Deque<UnderWay> leftToOthers = new ArrayDeque<>();
  private final Deque<Sent> sent = new ArrayDeque<>();
  private final Map<TopicPartition, OffsetAndMetadata> due = new HashMap<>();
  private @Nullable RewardTimeline timeline; // the loop's own: what it has gone back for
  private int recordsUnderWay;
  private long committedAt;

  /**
   * A loop that runs.
   *
   * @param topic whose records are worked on
   * @param group whose members share the partitions
   * @param name what its threads are called
   * @param activations what is known; the first time it may wait, until the past is known
   * @param stuck whether the work waits for something, and others might not
   * @param listener told of what was sent
   * @param workerCount how many tasks at once
   */
  ScoringLoop(
      KafkaConnection connection,
      String topic,
      String group,
      String name,
      Work work,
      Supplier<RewardTimeline> activations,
      BooleanSupplier stuck,
      Listener listener,
      int workerCount) {
    this.topic = topic;
    this.work = work;
    this.activations = activations;
    this.stuck = stuck;
    this.listener = listener;
    this.workerCount = workerCount;
    AtomicInteger threads = new AtomicInteger();
    this.workers =
        Executors.newFixedThreadPool(
            workerCount, task -> daemon(task, name + "-" + threads.getAndIncrement()));
    this.consumer =
        new KafkaConsumer<>(
            connection.consumerProperties(group),
            new StringDeserializer(),
            new ByteArrayDeserializer());
    this.producer = new KafkaProducer<>(connection.producerProperties());
    daemon(this::run, name).start();
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, "favstream-" + name);
    thread.setDaemon(true);
    return thread;
  }

  /** Completes when nothing of it runs any more: with its fault, unless it was closed. */
  CompletableFuture<Void> ended() {
    return ended;
  }

  private void run() {
    try {
      timeline = activations.get();
      consumer.subscribe(List.of(topic), new Shares());
      goOnUntilClosed();
      producer.flush();
      collectAcknowledged();
      consumer.commitSync(due, LAST_COMMIT);
      end(null);
    } catch (ExecutionException e) {
      end(e.getCause());
    } catch (InterruptedException | RuntimeException e) {
      end(e);
    }
  }

  private void goOnUntilClosed() throws ExecutionException, InterruptedException {
    try {
      while (closed.getCount() > 0) {
        goBackWhereTheRewardChanged();
        if (isLeftToOthers()) {
          boolean unused = closed.await(IDLE_POLL.toMillis(), TimeUnit.MILLISECONDS);
          continue;
        }
        begin(consumer.poll(underWay.isEmpty() ? IDLE_POLL : Duration.ZERO), known());
        if (recordsUnderWay >= MOST_UNDER_WAY) {
          consumer.pause(consumer.assignment());
        } else {
          consumer.resume(consumer.paused());
        }
        sendFinished();
        collectAcknowledged();
        commitNowAndThen();
      }
    } catch (WakeupException e) {
      // closed
    }
  }

  private RewardTimeline known() {
    if (timeline == null) {
      throw new IllegalStateException("the past is not known yet");
    }
    return timeline;
  }

  private void goBackWhereTheRewardChanged() {
    RewardTimeline before = known();
    RewardTimeline now = activations.get();
    if (now.current().number() == before.current().number()) {
      return;
    }
    timeline = now;
    for (TopicPartition partition : consumer.assignment()) {
      goBack(partition, consumer.position(partition), before.current().number());
    }
  }

  /**
   * Goes back to the oldest fence that was not known.
   *
   * @param next the offset that would come next
   * @param activation the newest that was known to whoever worked on what is before it
   */
  private void goBack(TopicPartition partition, long next, long activation) {
    long fence = known().changedSince(activation, partition.partition());
    if (fence < next) {
      consumer.seek(partition, fence);
    }
  }

  /** Leaves its partitions to others, or takes a share again, where it is time to. */
  private boolean isLeftToOthers() throws ExecutionException, InterruptedException {
    if (leftToOthers.isEmpty()) {
      if (!stuck.getAsBoolean() || underWay.isEmpty() || !othersShare()) {
        return false;
      }
      log.warn("{} partitions of {} are left to others", consumer.assignment().size(), topic);
      leftToOthers.addAll(underWay);
      underWay.clear();
      recordsUnderWay = 0;
      consumer.unsubscribe(); // which commits what is done
      return true;
    }
    while (!leftToOthers.isEmpty() && leftToOthers.getFirst().done().isDone()) {
      leftToOthers.removeFirst().done().get(); // throws where it failed
    }
    if (leftToOthers.isEmpty()) {
      log.info("takes a share of {} again", topic);
      consumer.subscribe(List.of(topic), new Shares());
    }
    return !leftToOthers.isEmpty();
  }

  private boolean othersShare() {
    return consumer.assignment().size() < consumer.partitionsFor(topic).size();
  }

  private void begin(Iterable<ConsumerRecord<String, byte[]>> polled, RewardTimeline now) {
    List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
    polled.forEach(records::add);
    int together = Math.min(MOST_TOGETHER, (records.size() + workerCount - 1) / workerCount);
    for (int from = 0; from < records.size(); from += together) {
      List<ConsumerRecord<String, byte[]>> task =
          records.subList(from, Math.min(records.size(), from + together));
      underWay.add(new UnderWay(now, task, workers.submit(() -> done(task, now))));
    }
    recordsUnderWay += records.size();
  }

  /** On a worker's thread. */
  private Done done(List<ConsumerRecord<String, byte[]>> task, RewardTimeline now) {
    long began = System.nanoTime();
    List<ProducerRecord<String, byte[]>> results =
        task.stream().flatMap(record -> work.on(record, now).stream()).toList();
    return new Done(results, Duration.ofNanos(System.nanoTime() - began));
  }

  /** Sends what is done, in order, and waits a little for what comes next. */
  private void sendFinished() throws ExecutionException, InterruptedException {
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SLICE_MILLIS);
    while (!underWay.isEmpty()) {
      UnderWay first = underWay.getFirst();
      Done done;
      try {
        done = first.done().get(until - System.nanoTime(), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        return;
      }
      underWay.removeFirst();
      recordsUnderWay -= first.records().size();
      Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
      String activation = Long.toString(first.timeline().current().number());
      for (ConsumerRecord<String, byte[]> record : first.records()) {
        next.put(
            new TopicPartition(record.topic(), record.partition()),
            new OffsetAndMetadata(record.offset() + 1, activation));
      }
      sent.add(new Sent(next, done.results().stream().map(producer::send).toList()));
      listener.sent(first.records().size(), done.spent());
    }
  }

  private void collectAcknowledged() throws ExecutionException, InterruptedException {
    Iterator<Sent> oldestFirst = sent.iterator();
    while (oldestFirst.hasNext()) {
      Sent oldest = oldestFirst.next();
      if (!oldest.isAcknowledged()) {
        return;
      }
      due.putAll(oldest.next());
      oldestFirst.remove();
    }
  }

  private void commitNowAndThen() {
    long now = System.nanoTime();
    if (!due.isEmpty() && now - committedAt > COMMIT_EVERY_NANOS) {
      due.keySet().retainAll(consumer.assignment());
      consumer.commitAsync(new HashMap<>(due), null); // a lost commit is made good by the next
      due.clear();
      committedAt = now;
    }
  }

  private void end(@Nullable Throwable fault) {
    workers.shutdownNow();
    try (producer;
        consumer) {
      boolean unused = workers.awaitTermination(LAST_COMMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (KafkaException | InterruptedException e) {
      // It is over either way; what is not committed is worked on again.
    }
    if (fault == null) {
      ended.complete(null);
    } else {
      ended.completeExceptionally(fault);
    }
  }

  @Override
  public void close() {
    closed.countDown();
    consumer.wakeup();
  }

  private final class Shares implements ConsumerRebalanceListener {

    /** What goes to another member next is committed as far as it is on the log. */
    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
      try {
        producer.flush();
        collectAcknowledged();
      } catch (ExecutionException e) {
        throw new KafkaException(e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      consumer.commitSync(due, LAST_COMMIT);
      due.clear();
    }

    /** Who worked on a partition before may not have known of the newest activations. */
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
      consumer
          .committed(Set.copyOf(partitions))
          .forEach(
              (partition, committed) -> {
                if (committed != null) {
                  goBack(partition, committed.offset(), activationOf(committed.metadata()));
                }
              });
    }

    private static long activationOf(String metadata) {
      return metadata.isEmpty() ? 0 : Long.parseLong(metadata);
    }
  }
}
