// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.config.ConfigResource;
import org.favstream.actors.kafka.LogUnavailableException;
import org.favstream.actors.kafka.TopicSetup;
import org.favstream.protocol.Topics;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(RealBroker.class)
class TopicSetupIT {
  private static final Duration TIMEOUT = Duration.ofMinutes(1);

  private final TestLog log;
  private final Topics topics =
      new Topics("setup-" + UUID.randomUUID() + ".", Duration.ofHours(3), 1L << 25);

  TopicSetupIT(TestLog log) {
    this.log = log;
  }

  private Map<String, TopicDescription> described(Admin admin)
      throws InterruptedException, ExecutionException, TimeoutException {
    List<String> names = topics.all().stream().map(Topics.Spec::name).toList();
    return admin.describeTopics(names).allTopicNames().get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void shouldMakeEveryTopicAsItIsMeantToBe()
      throws InterruptedException, ExecutionException, TimeoutException {
    TopicSetup.ensure(log.connection(), topics, TIMEOUT);
    try (Admin admin = log.admin()) {
      Map<String, TopicDescription> described = described(admin);
      Map<ConfigResource, Config> configs =
          admin
              .describeConfigs(
                  topics.all().stream()
                      .map(spec -> new ConfigResource(ConfigResource.Type.TOPIC, spec.name()))
                      .toList())
              .all()
              .get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
      for (Topics.Spec spec : topics.all()) {
        assertThat(Objects.requireNonNull(described.get(spec.name())).partitions())
            .describedAs(spec.name())
            .hasSize(spec.partitions());
        Config config =
            Objects.requireNonNull(
                configs.get(new ConfigResource(ConfigResource.Type.TOPIC, spec.name())));
        spec.configs()
            .forEach(
                (key, value) ->
                    assertThat(config.get(key).value())
                        .describedAs("%s of %s", key, spec.name())
                        .isEqualTo(value));
      }
    }
  }

  @Test
  void shouldReturnOnceEveryPartitionTakesRecords()
      throws InterruptedException, ExecutionException, TimeoutException {
    TopicSetup.ensure(log.connection(), topics, TIMEOUT);
    // No retries: a partition that does not answer yet fails the send.
    try (Producer<String, byte[]> producer =
        log.producer(Map.of("retries", "0", "enable.idempotence", "false"))) {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      for (Topics.Spec spec : topics.all()) {
        for (int partition = 0; partition < spec.partitions(); partition++) {
          sent.add(
              producer.send(new ProducerRecord<>(spec.name(), partition, "key", new byte[] {1})));
        }
      }
      for (Future<RecordMetadata> one : sent) {
        assertThat(one.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS).offset()).isZero();
      }
    }
  }

  @Test
  void shouldLeaveTopicsAndTheirRecordsAloneWhenTheyAreThere()
      throws InterruptedException, ExecutionException, TimeoutException {
    TopicSetup.ensure(log.connection(), topics, TIMEOUT);
    try (Producer<String, byte[]> producer = log.producer(Map.of())) {
      TestLog.send(producer, topics.lineage(), 0, new byte[] {7});
    }
    try (Admin admin = log.admin()) {
      Map<String, Object> before = ids(described(admin));
      TopicSetup.ensure(log.connection(), topics, TIMEOUT);
      assertThat(ids(described(admin))).isEqualTo(before);
    }
    assertThat(log.readAll(topics.lineage())).hasSize(1);
  }

  private static Map<String, Object> ids(Map<String, TopicDescription> described) {
    return described.values().stream()
        .collect(Collectors.toMap(TopicDescription::name, TopicDescription::topicId));
  }

  @Test
  void shouldMakeThemOnceWhenSeveralNodesStartTogether()
      throws InterruptedException, ExecutionException, TimeoutException {
    ExecutorService nodes = Executors.newFixedThreadPool(4);
    try {
      List<CompletableFuture<Void>> ready = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        ready.add(
            CompletableFuture.runAsync(
                () -> TopicSetup.ensure(log.connection(), topics, TIMEOUT), nodes));
      }
      CompletableFuture.allOf(ready.toArray(CompletableFuture<?>[]::new))
          .get(2 * TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    } finally {
      nodes.shutdownNow();
    }
    try (Admin admin = log.admin()) {
      assertThat(described(admin)).hasSize(topics.all().size());
    }
  }

  @Test
  void shouldRefuseATopicWithAnotherNumberOfPartitions()
      throws InterruptedException, ExecutionException, TimeoutException {
    try (Admin admin = log.admin()) {
      admin
          .createTopics(List.of(new NewTopic(topics.scores(), Optional.of(3), Optional.empty())))
          .all()
          .get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    }
    assertThatThrownBy(() -> TopicSetup.ensure(log.connection(), topics, TIMEOUT))
        .isInstanceOf(LogUnavailableException.class)
        .hasMessageContaining("topic " + topics.scores())
        .hasMessageContaining("3 partitions, expected 16");
  }
}
