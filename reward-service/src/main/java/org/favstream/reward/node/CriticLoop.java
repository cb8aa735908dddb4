// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.favstream.actors.kafka.TopicEnd;
import org.favstream.actors.kafka.TopicReader;
import org.favstream.actors.kafka.WeightsFeed;
import org.favstream.actors.runtime.Faults;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.actors.weights.PublishedWeights;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.actors.weights.WeightsLog;
import org.favstream.protocol.Codec;
import org.favstream.protocol.StateBatch;
import org.favstream.protocol.Topics;
import org.favstream.protocol.Transitions;
import org.favstream.protocol.WeightsRecord;
import org.favstream.reward.critic.CriticCheckpoint;
import org.favstream.reward.critic.CriticPacing;
import org.favstream.reward.critic.CriticSession;
import org.favstream.reward.critic.RefusedTransitionsException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains critics for ever, on a thread of its own: transitions and the policy's weights come in,
 * states and critics go out. To begin fences every earlier loop of the run.
 */
final class CriticLoop implements AutoCloseable {
  private static final int LISTS_WAITING = 64;
  private static final long IDLE_MILLIS = 20;
  private static final String NODE = "critic";

  private static final Logger log = LoggerFactory.getLogger(CriticLoop.class);

  private final NodeContext node;
  private final CriticJob job;
  private final Consumer<CriticEvent> events;
  private final CriticPacing pacing;
  private final Producer<String, byte[]> states;
  private final Producer<String, byte[]> critics;
  private final BlockingQueue<List<TopicReader.Read<Transitions>>> lived =
      new ArrayBlockingQueue<>(LISTS_WAITING);
  private final AtomicReference<@Nullable PublishedWeights> nextPolicy = new AtomicReference<>();
  private final Semaphore wake = new Semaphore(0);
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private volatile boolean closed;
  private long version;
  private long epoch;

  /**
   * A loop that runs.
   *
   * @param events told of what it does; must not block
   */
  CriticLoop(NodeContext node, CriticJob job, Consumer<CriticEvent> events) {
    this.node = node;
    this.job = job;
    this.events = events;
    this.pacing = new CriticPacing(job.groupsPerStep(), job.underWay(), job.settings().patience());
    this.states = new KafkaProducer<>(node.connection().producerProperties());
    Map<String, Object> transactional = new HashMap<>(node.connection().producerProperties());
    transactional.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, node.topics().prefix() + NODE);
    this.critics = new KafkaProducer<>(transactional);
    Thread thread = new Thread(this::run, "favstream-critic");
    thread.setDaemon(true);
    thread.start();
  }

  /** Completes when nothing of it runs any more: with its fault, unless it was closed. */
  CompletableFuture<Void> ended() {
    return ended;
  }

  private void run() {
    try {
      critics.initTransactions();
      train();
      end(null);
    } catch (InterruptedException | RuntimeException e) {
      end(closed ? null : e);
    } catch (WeightsException | RefusedTransitionsException | IOException e) {
      end(new CriticFault.Lasting("the critic: " + Faults.describe(e), e));
    }
  }

  private void end(@Nullable Exception fault) {
    states.close(Duration.ofSeconds(1));
    critics.close(Duration.ofSeconds(1));
    if (fault == null) {
      ended.complete(null);
    } else {
      ended.completeExceptionally(fault);
    }
  }

  private void train()
      throws WeightsException, RefusedTransitionsException, IOException, InterruptedException {
    Optional<CriticCheckpoint> checkpoint = job.checkpoints().newest(CriticCheckpoint::fromFile);
    if (checkpoint.isPresent() && !checkpoint.get().run().equals(node.run())) {
      throw new WeightsException(
          "%s holds checkpoints of run %s, this is run %s"
              .formatted(job.checkpoints().folder(), checkpoint.get().run(), node.run()));
    }
    try (TopicReader<?> policy = readPolicy();
        TopicReader<?> transitions = readTransitions()) {
      PublishedWeights first = firstPolicy();
      if (first == null) {
        return; // closed before there was one
      }
      try (CriticSession session =
          new CriticSession(
              node.run(),
              job.session(),
              job.offline(),
              job.policy(),
              first.weights(),
              checkpoint,
              job.seed(),
              job.device())) {
        pacing.onPolicy(first.step(), session.updates(), node.clock().instant());
        numberAfter(checkpoint);
        publish(session);
        goOn(session);
        keep(session);
      }
    }
  }

  /** From the newest on: to run through earlier steps would look like progress of the learner. */
  private TopicReader<?> readPolicy() {
    return WeightsFeed.startAtNewest(
        source(node.topics().weights(), Codec.WEIGHTS),
        weights -> {
          nextPolicy.set(weights);
          wake.release();
        });
  }

  /** All that was ever lived through in this run: the replay buffer is made of it anew. */
  private TopicReader<?> readTransitions() {
    Map<Integer, Long> beginnings =
        IntStream.range(0, Topics.POLICY_PARTITIONS)
            .boxed()
            .collect(Collectors.toMap(partition -> partition, partition -> 0L));
    return TopicReader.from(
        source(node.topics().transitions(), Codec.TRANSITIONS), beginnings, this::take);
  }

  private <T> TopicReader.Source<T> source(String topic, Codec<T> codec) {
    return new TopicReader.Source<>(
        node.connection(), topic, codec, node.deadLetters(NODE), states);
  }

  private void take(List<TopicReader.Read<Transitions>> reads) {
    try {
      boolean taken = false;
      while (!closed && !taken) {
        taken = lived.offer(reads, 100, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    wake.release();
  }

  /** Until something has come in, for a moment at most. */
  private void await() throws InterruptedException {
    boolean unused = wake.tryAcquire(IDLE_MILLIS, TimeUnit.MILLISECONDS);
    wake.drainPermits();
  }

  private @Nullable PublishedWeights firstPolicy() throws InterruptedException {
    while (!closed) {
      PublishedWeights first = nextPolicy.getAndSet(null);
      if (first != null) {
        return first;
      }
      await();
    }
    return null;
  }

  /** Versions and epochs go on after the last of the log: no number is used twice. */
  private void numberAfter(Optional<CriticCheckpoint> checkpoint) {
    Optional<WeightsRecord.Manifest> last =
        TopicEnd.last(
            node.connection(),
            node.topics().rewardModels(),
            Codec.WEIGHTS,
            record ->
                record instanceof WeightsRecord.Manifest manifest
                    ? Optional.of(manifest)
                    : Optional.empty());
    version =
        Math.max(
            checkpoint.map(CriticCheckpoint::version).orElse(0L),
            last.map(WeightsRecord.Manifest::version).orElse(0L));
    epoch = last.map(WeightsRecord.Manifest::epoch).orElse(0L) + 1;
  }

  private void goOn(CriticSession session)
      throws WeightsException, IOException, InterruptedException {
    while (!closed) {
      takeUp(session);
      if (!pacing.mayUpdate(session.updates(), node.clock().instant())) {
        await();
        continue;
      }
      CriticSession.Update update = session.update();
      send(update.states());
      update
          .outcome()
          .skipped()
          .ifPresent(why -> log.error("critic update {} skipped: {}", session.updates() - 1, why));
      if (session.updates() % job.settings().publishEvery() == 0) {
        publish(session);
        events.accept(
            new CriticEvent.Published(
                version, session.updates(), session.transitions(), update.outcome()));
        if (version % job.settings().checkpointEvery() == 0) {
          keep(session);
        }
      }
    }
  }

  private void takeUp(CriticSession session) {
    for (List<TopicReader.Read<Transitions>> reads = lived.poll();
        reads != null;
        reads = lived.poll()) {
      for (TopicReader.Read<Transitions> read : reads) {
        try {
          session.append(read.value());
        } catch (RefusedTransitionsException e) {
          refuse(read, String.valueOf(e.getMessage()));
        }
      }
    }
    PublishedWeights policy = nextPolicy.getAndSet(null);
    if (policy != null) {
      try {
        session.swapPolicy(policy.weights());
        pacing.onPolicy(policy.step(), session.updates(), node.clock().instant());
      } catch (WeightsException e) {
        log.error("policy version {} is refused: {}", policy.version(), e.getMessage());
      }
    }
  }

  private void refuse(TopicReader.Read<Transitions> read, String reason) {
    log.warn(
        "{} partition {} offset {}: {}; sent to the dead letters",
        node.topics().transitions(),
        read.partition(),
        read.offset(),
        reason);
    Future<RecordMetadata> unused =
        states.send(
            node.deadLetters(NODE)
                .about(
                    node.topics().transitions(),
                    read.partition(),
                    read.offset(),
                    Codec.TRANSITIONS.encode(read.value()),
                    reason));
    events.accept(new CriticEvent.Refused(reason));
  }

  private void send(StateBatch batch) {
    Future<RecordMetadata> unused =
        states.send(
            new ProducerRecord<>(
                node.topics().contexts(),
                (int) (batch.counter() % Topics.POLICY_PARTITIONS),
                Long.toString(batch.counter()),
                Codec.STATES.encode(batch)));
  }

  private void publish(CriticSession session) throws WeightsException {
    version++;
    Weights weights = session.weights();
    critics.beginTransaction();
    WeightsLog.records(
            node.run(),
            new PublishedWeights(version, epoch, session.updates(), weights, node.clock().millis()))
        .forEach(
            (key, record) -> {
              Future<RecordMetadata> unused =
                  critics.send(
                      new ProducerRecord<>(
                          node.topics().rewardModels(), key, Codec.WEIGHTS.encode(record)));
            });
    critics.commitTransaction();
  }

  private void keep(CriticSession session) throws IOException {
    job.checkpoints().write(version, session.checkpoint(version).toFile());
  }

  @Override
  public void close() {
    closed = true;
    wake.release();
  }
}
