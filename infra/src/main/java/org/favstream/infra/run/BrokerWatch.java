// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.run;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.favstream.actors.kafka.KafkaConnection;
import org.favstream.actors.kafka.LogUnavailableException;
import org.favstream.infra.broker.BrokerProcess;
import org.jspecify.annotations.Nullable;

/**
 * Looks after the broker of a run. An embedded one that has ended is started again on its data, a
 * few times; a given cluster that does not answer is waited for, and said so. The clients go on by
 * themselves once it is back.
 */
final class BrokerWatch implements AutoCloseable {
  private static final Duration EVERY = Duration.ofSeconds(3);
  private static final Duration GIVE_UP = Duration.ofMinutes(2);
  private static final int RESTARTS = 3;

  private final KafkaConnection connection;
  private final Optional<BrokerProcess> broker;
  private final Consumer<String> say;
  private final CompletableFuture<?> outcome;
  private final Thread thread;
  private volatile boolean closed;

  /**
   * Begins to look.
   *
   * @param broker the embedded one, where there is one
   * @param say tells people
   * @param outcome completed with the fault where it gives up
   */
  BrokerWatch(
      KafkaConnection connection,
      Optional<BrokerProcess> broker,
      Consumer<String> say,
      CompletableFuture<?> outcome) {
    this.connection = connection;
    this.broker = broker;
    this.say = say;
    this.outcome = outcome;
    this.thread =
        new Thread(broker.isPresent() ? this::watchProcess : this::watchCluster, "favstream-watch");
    thread.setDaemon(true);
    thread.start();
  }

  private void watchProcess() {
    BrokerProcess process = broker.orElseThrow();
    int restarts = 0;
    while (!closed) {
      try {
        int status = process.exit().get();
        if (closed) {
          return;
        }
        if (restarts == RESTARTS) {
          fail(
              "the embedded broker has ended %d times (exit status %d): %s"
                  .formatted(restarts + 1, status, process.lastWords()),
              null);
          return;
        }
        restarts++;
        say.accept(
            "the embedded broker has ended (exit status %d); it is started again (%d of %d)"
                .formatted(status, restarts, RESTARTS));
        process.restart();
      } catch (BrokerProcess.BrokerException | ExecutionException e) {
        fail("the embedded broker does not start again: " + e.getMessage(), e);
        return;
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void watchCluster() {
    Map<String, Object> settings = new HashMap<>(connection.admin());
    settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) EVERY.toMillis());
    settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) EVERY.toMillis());
    long lastAnswer = System.nanoTime();
    boolean away = false;
    try (Admin admin = Admin.create(settings)) {
      while (!closed) {
        TimeUnit.MILLISECONDS.sleep(EVERY.toMillis());
        if (answers(admin)) {
          lastAnswer = System.nanoTime();
          if (away) {
            say.accept("Kafka at %s answers again".formatted(connection.bootstrapServers()));
          }
          away = false;
          continue;
        }
        Duration since = Duration.ofNanos(System.nanoTime() - lastAnswer);
        if (since.compareTo(GIVE_UP) > 0) {
          fail(
              "Kafka at %s has not answered for %d s"
                  .formatted(connection.bootstrapServers(), since.toSeconds()),
              null);
          return;
        }
        say.accept(
            "Kafka at %s has not answered for %d s; waiting for it (at most %d s)"
                .formatted(connection.bootstrapServers(), since.toSeconds(), GIVE_UP.toSeconds()));
        away = true;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean answers(Admin admin) throws InterruptedException {
    try {
      return admin.describeCluster().nodes().get(EVERY.toMillis(), TimeUnit.MILLISECONDS) != null;
    } catch (ExecutionException | TimeoutException e) {
      return false;
    }
  }

  private void fail(String message, @Nullable Throwable cause) {
    outcome.completeExceptionally(
        cause == null
            ? new LogUnavailableException(message)
            : new LogUnavailableException(message, cause));
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
