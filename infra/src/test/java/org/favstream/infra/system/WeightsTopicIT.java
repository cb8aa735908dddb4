// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.favstream.actors.kafka.DeadLetters;
import org.favstream.actors.kafka.TopicReader;
import org.favstream.actors.kafka.TopicSetup;
import org.favstream.actors.kafka.WeightsFeed;
import org.favstream.actors.weights.PublishedWeights;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.actors.weights.WeightsLog;
import org.favstream.protocol.Codec;
import org.favstream.protocol.TensorSpec;
import org.favstream.protocol.Topics;
import org.favstream.protocol.WeightsRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Weights through the log: all or nothing. */
@ExtendWith(RealBroker.class)
class WeightsTopicIT {
  private static final long PATIENCE_SECONDS = 120;

  /** Three chunks. */
  private static final int NUMBERS = 5 * Topics.CHUNK_BYTES / 2 / Float.BYTES;

  private final TestLog log;
  private final String run = "weights-" + UUID.randomUUID();
  private final Topics topics = new Topics(run + ".", Duration.ofHours(1), 1L << 27);
  private final BlockingQueue<PublishedWeights> received = new LinkedBlockingQueue<>();
  private final Producer<String, byte[]> producer;
  private final Producer<String, byte[]> transactional;
  private final List<TopicReader<?>> feeds = new ArrayList<>();

  WeightsTopicIT(TestLog log) {
    this.log = log;
    this.producer = log.producer(Map.of());
    this.transactional =
        log.producer(Map.of(ProducerConfig.TRANSACTIONAL_ID_CONFIG, run + ".learner"));
  }

  @BeforeEach
  void begin() {
    TopicSetup.ensure(log.connection(), topics, Duration.ofSeconds(30));
    transactional.initTransactions();
  }

  @AfterEach
  void end() {
    feeds.forEach(TopicReader::close);
    producer.close(Duration.ofSeconds(5));
    transactional.close(Duration.ofSeconds(5));
  }

  private void follow() {
    feeds.add(WeightsFeed.start(source(), received::add));
  }

  private TopicReader.Source<WeightsRecord> source() {
    return new TopicReader.Source<>(
        log.connection(),
        topics.weights(),
        Codec.WEIGHTS,
        new DeadLetters(run, topics, "test", Clock.systemUTC()),
        producer);
  }

  private static Weights weights(long seed) throws WeightsException {
    float[] values = new float[NUMBERS];
    Random random = new Random(seed);
    for (int i = 0; i < values.length; i++) {
      do {
        values[i] = Float.intBitsToFloat(random.nextInt()); // all kinds, also denormals and -0
      } while (!Float.isFinite(values[i]));
    }
    return new Weights(
        List.of(new TensorSpec("first", List.of(7)), new TensorSpec("rest", List.of(NUMBERS - 7))),
        values);
  }

  private static PublishedWeights version(long version) throws WeightsException {
    return new PublishedWeights(version, 1, 10 * version, weights(version), 1_000 + version);
  }

  private void send(Producer<String, byte[]> by, PublishedWeights published) {
    send(by, published, record -> record);
  }

  /** Sends the records of a version, each as it is changed. */
  private void send(
      Producer<String, byte[]> by,
      PublishedWeights published,
      UnaryOperator<WeightsRecord> change) {
    for (Map.Entry<String, WeightsRecord> record : WeightsLog.records(run, published).entrySet()) {
      byte[] value = Codec.WEIGHTS.encode(change.apply(record.getValue()));
      Future<RecordMetadata> unused = // an aborted one fails, as it should
          by.send(new ProducerRecord<>(topics.weights(), record.getKey(), value));
    }
  }

  private void commit(PublishedWeights published) {
    transactional.beginTransaction();
    send(transactional, published);
    transactional.commitTransaction();
  }

  private PublishedWeights next() throws InterruptedException {
    PublishedWeights next = received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(next).describedAs("weights within %d s", PATIENCE_SECONDS).isNotNull();
    return Objects.requireNonNull(next);
  }

  @Test
  void shouldGiveEveryBitBackWhenWeightsComeInChunks()
      throws WeightsException, InterruptedException {
    assertThat(WeightsLog.records(run, version(1))).hasSize(4);
    follow();
    for (long version = 0; version < 3; version++) {
      commit(version(version));
      PublishedWeights got = next();
      assertThat(got).isEqualTo(version(version));
      assertThat(got.weights().toBytes()).isEqualTo(version(version).weights().toBytes());
    }
  }

  @Test
  void shouldGiveALateFollowerTheNewestVersion() throws WeightsException, InterruptedException {
    for (long version = 0; version < 4; version++) {
      commit(version(version));
    }
    follow();
    PublishedWeights got = next();
    while (got.version() < 3) { // one that is the newest so far may come first
      got = next();
    }
    assertThat(got).isEqualTo(version(3));
  }

  @Test
  void shouldGiveNoOlderVersionFirstWhenTheNewestIsAskedFor()
      throws WeightsException, InterruptedException {
    for (long version = 0; version < 4; version++) {
      commit(version(version));
    }
    feeds.add(WeightsFeed.startAtNewest(source(), received::add));
    assertThat(next()).isEqualTo(version(3));
    commit(version(4));
    assertThat(next()).isEqualTo(version(4));
  }

  @Test
  void shouldGiveTheFirstVersionWhenThereWasNoneAtTheBeginning()
      throws WeightsException, InterruptedException {
    feeds.add(WeightsFeed.startAtNewest(source(), received::add));
    commit(version(0));
    assertThat(next()).isEqualTo(version(0));
  }

  @Test
  void shouldNeverApplyAPublicationThatWasAborted() throws WeightsException, InterruptedException {
    follow();
    commit(version(0));
    assertThat(next().version()).isZero();

    transactional.beginTransaction();
    send(transactional, version(1));
    transactional.flush(); // the bytes are on the log
    transactional.abortTransaction();
    commit(version(2));

    assertThat(next()).isEqualTo(version(2));
    assertThat(received).isEmpty();
  }

  @Test
  void shouldNeverApplyAPublicationWhoseLearnerWasFencedOff()
      throws WeightsException, InterruptedException {
    follow();
    commit(version(0));
    assertThat(next().version()).isZero();

    transactional.beginTransaction();
    send(transactional, version(1));
    transactional.flush();
    try (Producer<String, byte[]> successor =
        log.producer(Map.of(ProducerConfig.TRANSACTIONAL_ID_CONFIG, run + ".learner"))) {
      successor.initTransactions(); // as a learner does that begins anew
      successor.beginTransaction();
      send(successor, version(2));
      successor.commitTransaction();
    }

    assertThat(next()).isEqualTo(version(2));
    assertThat(received).isEmpty();
  }

  @Test
  void shouldNeverApplyATornPublication() throws WeightsException, InterruptedException {
    follow();
    commit(version(0));
    assertThat(next().version()).isZero();

    // A chunk is missing; in its place comes another one a second time.
    send(
        producer,
        version(1),
        record ->
            record instanceof WeightsRecord.Chunk chunk && chunk.index() == 1
                ? new WeightsRecord.Chunk(1, 0, chunk.data())
                : record);
    // A chunk is another version's.
    send(
        producer,
        version(2),
        record ->
            record instanceof WeightsRecord.Chunk chunk && chunk.index() == 2
                ? new WeightsRecord.Chunk(1, 2, chunk.data())
                : record);
    // All chunks are there, one with other bits.
    PublishedWeights other = version(77);
    List<WeightsRecord> otherRecords = List.copyOf(WeightsLog.records(run, other).values());
    send(
        producer,
        version(3),
        record ->
            record instanceof WeightsRecord.Chunk chunk && chunk.index() == 1
                ? new WeightsRecord.Chunk(3, 1, ((WeightsRecord.Chunk) otherRecords.get(1)).data())
                : record);
    // The manifest's digest is another one.
    send(
        producer,
        version(4),
        record ->
            record instanceof WeightsRecord.Manifest manifest
                ? new WeightsRecord.Manifest(
                    run,
                    4,
                    manifest.epoch(),
                    manifest.step(),
                    other.weights().sha256(),
                    manifest.size(),
                    manifest.chunks(),
                    manifest.tensors(),
                    manifest.createdAtMillis())
                : record);
    send(producer, version(5));
    producer.flush();

    assertThat(next()).isEqualTo(version(5));
    assertThat(received).isEmpty();
  }
}
