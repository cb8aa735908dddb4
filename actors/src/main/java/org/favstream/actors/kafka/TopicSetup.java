// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.favstream.actors.runtime.Faults;
import org.favstream.protocol.Topics;

/** Makes a run's topics where they are missing, and waits until every partition answers. */
public final class TopicSetup {
  private TopicSetup() {}

  /**
   * Returns once every topic of the run can be produced to. Without the wait, idempotent producers
   * can loop on OutOfOrderSequence with fresh topics, and lose sends.
   *
   * @param timeout how long the cluster may take
   * @throws LogUnavailableException where no broker answers in time, or a topic is there with
   *     another number of partitions
   */
  public static void ensure(KafkaConnection connection, Topics topics, Duration timeout) {
    ask(
        connection,
        timeout,
        (admin, deadline) -> {
          create(admin, topics, deadline);
          awaitLeaders(admin, topics, deadline);
        });
  }

  /**
   * Returns where a topic is there; makes none.
   *
   * @param topic of a run that someone else began
   * @param timeout how long the cluster may take
   * @throws LogUnavailableException where no broker answers in time, or there is no such topic
   */
  public static void require(KafkaConnection connection, String topic, Duration timeout) {
    ask(
        connection,
        timeout,
        (admin, deadline) -> {
          if (!admin
              .listTopics()
              .names()
              .get(left(deadline), TimeUnit.NANOSECONDS)
              .contains(topic)) {
            throw new LogUnavailableException(
                "there is no topic %s at %s: is the run's id right?"
                    .formatted(topic, connection.bootstrapServers()));
          }
        });
  }

  /** What a cluster is asked, up to a deadline in nanoseconds. */
  @FunctionalInterface
  private interface Question {
    void ask(Admin admin, long deadline)
        throws ExecutionException, InterruptedException, TimeoutException;
  }

  private static void ask(KafkaConnection connection, Duration timeout, Question question) {
    Map<String, Object> settings = new HashMap<>(connection.admin());
    settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) timeout.toMillis());
    settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) timeout.toMillis());
    long deadline = System.nanoTime() + timeout.toNanos();
    try (Admin admin = Admin.create(settings)) {
      question.ask(admin, deadline);
    } catch (TimeoutException | org.apache.kafka.common.errors.TimeoutException e) {
      throw unreachable(connection, timeout, e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException) {
        throw unreachable(connection, timeout, e);
      }
      throw new LogUnavailableException(
          "topics of the run at %s: %s"
              .formatted(connection.bootstrapServers(), Faults.describe(e)),
          e);
    } catch (KafkaException e) {
      // "Failed to create new KafkaAdminClient" says less than its cause.
      Throwable reason = e.getCause() == null ? e : e.getCause();
      throw new LogUnavailableException(
          "Kafka at '%s': %s".formatted(connection.bootstrapServers(), Faults.describe(reason)), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LogUnavailableException("interrupted while waiting for the topics", e);
    }
  }

  private static LogUnavailableException unreachable(
      KafkaConnection connection, Duration timeout, Exception cause) {
    return new LogUnavailableException(
        "no Kafka broker answers at %s within %d s: is it running, and is --bootstrap-servers right?"
            .formatted(connection.bootstrapServers(), timeout.toSeconds()),
        cause);
  }

  private static long left(long deadline) throws TimeoutException {
    long left = deadline - System.nanoTime();
    if (left <= 0) {
      throw new TimeoutException();
    }
    return left;
  }

  private static void create(Admin admin, Topics topics, long deadline)
      throws ExecutionException, InterruptedException, TimeoutException {
    Set<String> present = admin.listTopics().names().get(left(deadline), TimeUnit.NANOSECONDS);
    List<NewTopic> missing = new ArrayList<>();
    List<Topics.Spec> there = new ArrayList<>();
    for (Topics.Spec spec : topics.all()) {
      if (present.contains(spec.name())) {
        there.add(spec);
      } else {
        missing.add(
            new NewTopic(spec.name(), Optional.of(spec.partitions()), Optional.empty())
                .configs(spec.configs()));
      }
    }
    try {
      admin.createTopics(missing).all().get(left(deadline), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) { // another node was first
        throw e;
      }
    }
    requirePartitions(admin, there, deadline);
  }

  private static void requirePartitions(Admin admin, List<Topics.Spec> specs, long deadline)
      throws ExecutionException, InterruptedException, TimeoutException {
    Map<String, TopicDescription> descriptions =
        admin
            .describeTopics(specs.stream().map(Topics.Spec::name).toList())
            .allTopicNames()
            .get(left(deadline), TimeUnit.NANOSECONDS);
    for (Topics.Spec spec : specs) {
      TopicDescription description = descriptions.get(spec.name());
      if (description != null && description.partitions().size() != spec.partitions()) {
        throw new LogUnavailableException(
            "topic %s is there with %d partitions, expected %d: it belongs to something else"
                .formatted(spec.name(), description.partitions().size(), spec.partitions()));
      }
    }
  }

  private static void awaitLeaders(Admin admin, Topics topics, long deadline)
      throws ExecutionException, InterruptedException, TimeoutException {
    Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
    for (Topics.Spec spec : topics.all()) {
      for (int partition = 0; partition < spec.partitions(); partition++) {
        ends.put(new TopicPartition(spec.name(), partition), OffsetSpec.latest());
      }
    }
    while (true) {
      try {
        admin.listOffsets(ends).all().get(left(deadline), TimeUnit.NANOSECONDS);
        return;
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof RetriableException)) {
          throw e;
        }
        TimeUnit.MILLISECONDS.sleep(20);
      }
    }
  }
}
