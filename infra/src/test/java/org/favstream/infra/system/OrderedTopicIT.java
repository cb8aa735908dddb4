// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.favstream.actors.kafka.OrderedTopic;
import org.favstream.actors.kafka.TopicSetup;
import org.favstream.protocol.Codec;
import org.favstream.protocol.Evaluation;
import org.favstream.protocol.Topics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A topic with all that makes holes in it: transactions, aborted ones, garbage, retention. */
@ExtendWith(RealBroker.class)
class OrderedTopicIT {
  private static final int VERSIONS = 400;

  private final TestLog log;
  private final Topics topics =
      new Topics("ordered-" + UUID.randomUUID() + ".", Duration.ofHours(1), 1L << 25);

  OrderedTopicIT(TestLog log) {
    this.log = log;
  }

  private static Evaluation evaluation(long version, long step) {
    return new Evaluation("run", version, step, Map.of());
  }

  private OrderedTopic<Evaluation> open() {
    return new OrderedTopic<>(
        log.connection(), topics.evaluations(), Codec.EVALUATION, Evaluation::version);
  }

  private void fill() throws Exception {
    TopicSetup.ensure(log.connection(), topics, Duration.ofMinutes(1));
    try (Producer<String, byte[]> producer =
        log.producer(Map.of(ProducerConfig.TRANSACTIONAL_ID_CONFIG, topics.prefix()))) {
      producer.initTransactions();
      for (long version = 0; version < VERSIONS; version += 2) { // the odd ones are aborted
        for (long number = version; number < version + 2; number++) {
          producer.beginTransaction();
          for (int step = 0; step < 3; step++) {
            byte[] value = Codec.EVALUATION.encode(evaluation(number, step));
            producer
                .send(new ProducerRecord<>(topics.evaluations(), 0, "", value))
                .get(1, TimeUnit.MINUTES);
          }
          producer
              .send(new ProducerRecord<>(topics.evaluations(), 0, "", new byte[] {7}))
              .get(1, TimeUnit.MINUTES);
          if (number % 2 == 0) {
            producer.commitTransaction();
          } else {
            producer.abortTransaction();
          }
        }
      }
    }
  }

  @Test
  void shouldFindEveryNumberThatWasCommitted() throws Exception {
    TopicSetup.ensure(log.connection(), topics, Duration.ofMinutes(1));
    try (OrderedTopic<Evaluation> empty = open()) {
      assertThat(empty.first()).isEmpty();
      assertThat(empty.last()).isEmpty();
      assertThat(empty.firstFrom(0)).isEmpty();
    }
    fill();
    try (OrderedTopic<Evaluation> topic = open()) {
      assertThat(topic.first()).map(OrderedTopic.At::value).contains(evaluation(0, 0));
      assertThat(topic.last()).map(OrderedTopic.At::value).contains(evaluation(VERSIONS - 2, 2));
      for (long wanted : new long[] {0, 1, 2, 99, 100, 101, 256, VERSIONS - 2}) {
        assertThat(topic.firstFrom(wanted))
            .map(OrderedTopic.At::value)
            .contains(evaluation(wanted + wanted % 2, 0));
      }
      assertThat(topic.firstFrom(VERSIONS - 1)).isEmpty();

      List<Evaluation> read = new ArrayList<>();
      topic.read(
          topic.firstFrom(100).orElseThrow().offset(),
          at -> read.add(at.value()) && read.size() < 4);
      assertThat(read)
          .containsExactly(
              evaluation(100, 0), evaluation(100, 1), evaluation(100, 2), evaluation(102, 0));
    }
    try (Admin admin = log.admin()) {
      long offset = 10L * 100;
      admin
          .deleteRecords(
              Map.of(
                  new TopicPartition(topics.evaluations(), 0),
                  RecordsToDelete.beforeOffset(offset)))
          .all()
          .get(1, TimeUnit.MINUTES);
    }
    try (OrderedTopic<Evaluation> topic = open()) {
      assertThat(topic.first()).map(OrderedTopic.At::value).contains(evaluation(200, 0));
      assertThat(topic.firstFrom(3)).map(OrderedTopic.At::value).contains(evaluation(200, 0));
    }
  }
}
