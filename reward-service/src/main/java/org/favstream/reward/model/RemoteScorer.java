// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import com.typesafe.config.Config;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.favstream.actors.config.ConfigurationException;
import org.favstream.actors.runtime.Faults;
import org.jspecify.annotations.Nullable;

/**
 * A reward in another process, behind HTTP ({@code infra/docs/remote-scorer.md} has the protocol).
 *
 * <p>Rows go out in batches, some of them at once; each request has a deadline. Where no answer
 * comes, the request is repeated after pauses that grow. Where too many in a row failed, nobody is
 * asked for a while (a circuit breaker), so that a scorer that is down costs no time, and one that
 * comes back is not overrun. A wrong answer is an answer: it is refused at once; status 500, with
 * which a server says that it failed at these very particles, once the retries are over.
 */
public final class RemoteScorer implements BlackBox {

  /**
   * Where the scorer is, and how it is asked.
   *
   * @param url its address, or empty where none is given
   * @param timeout of one request, answer included
   * @param retries how often a request is repeated at most
   * @param batch rows a request at most
   * @param inFlight requests under way at once at most
   * @param failures after how many failed requests in a row none is made
   * @param coolDown for how long none is made then
   * @param tokenVariable the environment variable that holds a bearer token, or empty
   */
  public record Settings(
      String url,
      Duration timeout,
      int retries,
      int batch,
      int inFlight,
      int failures,
      Duration coolDown,
      String tokenVariable) {

    /** Refuses what cannot be used, by its key. */
    public Settings {
      requirePositive("timeout", timeout);
      requirePositive("cool-down", coolDown);
      requireAtLeast("retries", retries, 0);
      requireAtLeast("batch", batch, 1);
      requireAtLeast("in-flight", inFlight, 1);
      requireAtLeast("failures", failures, 1);
      if (!url.isEmpty()) {
        requireUsable(url, tokenVariable);
      }
    }

    private static void requirePositive(String key, Duration duration) {
      if (duration.isNegative() || duration.isZero()) {
        throw new IllegalArgumentException(
            "reward.remote.%s: got %s, expected more than 0".formatted(key, duration));
      }
    }

    private static void requireAtLeast(String key, int got, int least) {
      if (got < least) {
        throw new IllegalArgumentException(
            "reward.remote.%s: got %d, expected at least %d".formatted(key, got, least));
      }
    }

    private static void requireUsable(String url, String tokenVariable) {
      URI uri;
      try {
        uri = new URI(url);
      } catch (URISyntaxException e) {
        throw badUrl(url, "an http or https address", e);
      }
      boolean plain = "http".equalsIgnoreCase(uri.getScheme());
      if (!(plain || "https".equalsIgnoreCase(uri.getScheme())) || uri.getHost() == null) {
        throw badUrl(url, "an http or https address", null);
      }
      if (uri.getUserInfo() != null) {
        throw new IllegalArgumentException(
            "reward.remote.url: holds a user and a password: name an environment variable with a"
                + " token in reward.remote.token-env instead");
      }
      if (plain && !tokenVariable.isEmpty() && !isLoopback(uri.getHost())) {
        throw badUrl(url, "https, for a token goes beyond this machine", null);
      }
    }

    private static boolean isLoopback(String host) {
      return host.equals("localhost") || host.equals("[::1]") || host.matches("127(\\.[0-9]+){3}");
    }

    private static IllegalArgumentException badUrl(
        String url, String expected, @Nullable Throwable cause) {
      return new IllegalArgumentException(
          "reward.remote.url: got '%s', expected %s".formatted(url, expected), cause);
    }

    /** Reads section {@code reward} of a configuration. */
    public static Settings of(Config section) {
      Config remote = section.getConfig("remote");
      return new Settings(
          remote.getString("url"),
          remote.getDuration("timeout"),
          remote.getInt("retries"),
          remote.getInt("batch"),
          remote.getInt("in-flight"),
          remote.getInt("failures"),
          remote.getDuration("cool-down"),
          remote.getString("token-env"));
    }

    /**
     * The bearer token; empty where none is asked for.
     *
     * @param environment of the process
     * @throws ConfigurationException where the variable is not set
     */
    public Optional<String> token(Map<String, String> environment) {
      if (tokenVariable.isEmpty()) {
        return Optional.empty();
      }
      String token = environment.getOrDefault(tokenVariable, "");
      if (token.isBlank()) {
        throw new ConfigurationException(
            "reward.remote.token-env: the environment variable %s is not set here, expected the bearer token of %s"
                .formatted(tokenVariable, url));
      }
      return Optional.of(token.strip());
    }
  }

  private final Settings settings;
  private final ScorerClient client;
  private final Backoff backoff;
  private final CircuitBreaker breaker;
  private final ExecutorService threads;
  private volatile String lastFailure = "nothing";

  /**
   * Asks nobody yet.
   *
   * @param settings with a URL
   * @param token goes with each request as a bearer's
   */
  public RemoteScorer(Settings settings, Optional<String> token) {
    this(settings, token, Backoff.real(), Clock.systemUTC());
  }

  /**
   * As {@link #RemoteScorer(Settings, Optional)}.
   *
   * @param clock of the cool-down
   */
  RemoteScorer(Settings settings, Optional<String> token, Backoff backoff, Clock clock) {
    this.settings = settings;
    this.client = new ScorerClient(URI.create(settings.url()), settings.timeout(), token);
    this.backoff = backoff;
    this.breaker = CircuitBreaker.of(client.name(), breakerOf(settings, clock));
    this.threads =
        Executors.newFixedThreadPool(
            settings.inFlight(),
            task -> {
              Thread thread = new Thread(task, "favstream-remote-scorer");
              thread.setDaemon(true);
              return thread;
            });
  }

  private static CircuitBreakerConfig breakerOf(Settings settings, Clock clock) {
    return CircuitBreakerConfig.custom()
        .slidingWindowType(SlidingWindowType.COUNT_BASED)
        .slidingWindowSize(settings.failures())
        .minimumNumberOfCalls(settings.failures())
        .failureRateThreshold(100) // all of the window: that many in a row
        .slowCallDurationThreshold(settings.timeout().plusDays(1)) // who is late has failed already
        .permittedNumberOfCallsInHalfOpenState(1)
        .waitDurationInOpenState(settings.coolDown())
        .clock(clock)
        .build();
  }

  /**
   * {@inheritDoc}
   *
   * @throws RewardUnavailableException where no answer came, as often as it was asked
   * @throws RewardModelException where they cannot be had otherwise: it names the scorer, what was
   *     got and what was expected
   */
  @Override
  public double[] values(int rows, double[] particles, float[] contexts) {
    double[] values = new double[rows];
    List<ScorerClient.Rows> batches = new ArrayList<>();
    for (int first = 0; first < rows; first += settings.batch()) {
      batches.add(
          new ScorerClient.Rows(
              particles,
              contexts,
              particles.length / rows,
              contexts.length / rows,
              first,
              Math.min(settings.batch(), rows - first)));
    }
    try {
      int begun = 0;
      if (!batches.isEmpty() && breaker.getState() != CircuitBreaker.State.CLOSED) {
        into(values, batches.get(0)); // who may be back is asked once, not at once by all
        begun = 1;
      }
      askAll(values, batches.subList(begun, batches.size()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RewardModelException(client.name() + ": interrupted before it answered", e);
    }
    return values;
  }

  private void askAll(double[] values, List<ScorerClient.Rows> batches)
      throws InterruptedException {
    CompletionService<Void> ended = new ExecutorCompletionService<>(threads);
    List<Future<Void>> asked = new ArrayList<>();
    try {
      for (ScorerClient.Rows batch : batches) {
        asked.add(
            ended.submit(
                () -> {
                  into(values, batch);
                  return null;
                }));
      }
      for (int i = 0; i < batches.size(); i++) {
        ended.take().get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RewardModelException known) {
        throw known; // it says all: on which thread it was asked does not matter
      }
      throw new RewardModelException(Faults.describe(e), e);
    } finally {
      asked.forEach(future -> future.cancel(true));
    }
  }

  private void into(double[] values, ScorerClient.Rows batch) throws InterruptedException {
    double[] rewards = ask(batch);
    System.arraycopy(rewards, 0, values, batch.first(), batch.count());
  }

  private double[] ask(ScorerClient.Rows batch) throws InterruptedException {
    for (int failed = 1; ; failed++) {
      try {
        return askOnce(batch);
      } catch (ScorerUnavailableException e) {
        if (failed > settings.retries()) {
          String message = "%s (asked %d times)".formatted(e.getMessage(), failed);
          throw e.failed()
              ? new RewardModelException(message, e) // it would be so for ever
              : new RewardUnavailableException(message, e);
        }
      }
      backoff.await(failed);
    }
  }

  private double[] askOnce(ScorerClient.Rows batch)
      throws ScorerUnavailableException, InterruptedException {
    if (!breaker.tryAcquirePermission()) {
      throw new RewardUnavailableException(
          "%s: not asked: the last %d requests failed, and none is made for %d ms; the last: %s"
              .formatted(
                  client.name(), settings.failures(), settings.coolDown().toMillis(), lastFailure));
    }
    long begun = breaker.getCurrentTimestamp();
    try {
      double[] rewards = client.ask(batch);
      succeeded(begun);
      return rewards;
    } catch (ScorerUnavailableException e) {
      if (e.failed()) {
        succeeded(begun); // it is there
        throw e;
      }
      lastFailure = Faults.describe(e);
      breaker.onError(breaker.getCurrentTimestamp() - begun, breaker.getTimestampUnit(), e);
      throw e;
    } catch (RewardModelException e) {
      succeeded(begun); // it answers in time, if wrongly
      throw e;
    } catch (InterruptedException | RuntimeException | Error e) {
      breaker.releasePermission();
      throw e;
    }
  }

  private void succeeded(long begun) {
    breaker.onSuccess(breaker.getCurrentTimestamp() - begun, breaker.getTimestampUnit());
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
