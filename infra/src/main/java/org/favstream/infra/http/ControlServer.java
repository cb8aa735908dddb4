// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.favstream.actors.config.ConfigurationException;
import org.favstream.actors.runtime.Faults;
import org.favstream.infra.http.Call.Answer;
import org.favstream.infra.metrics.RunMetrics;
import org.favstream.reward.registry.RefusedException;
import org.favstream.reward.registry.RewardOperations;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves the control of a run, and metrics: a few requests at once, of bounded size, from whoever
 * has the token. Without a token, which is possible on loopback alone, a page in a browser of this
 * machine is kept out: requests that change something must be of a content type that such a page
 * cannot send unasked, and must name this machine as their host.
 */
public final class ControlServer implements AutoCloseable {
  private static final String METRICS = "/metrics";
  private static final int THREADS = 6;
  private static final int WAITING = 64;
  private static final int BACKLOG = 64;

  /** What a request that was refused may still send before the connection is cut. */
  private static final long MOST_DRAINED_BYTES = 256L << 20;

  private static final Logger log = LoggerFactory.getLogger(ControlServer.class);

  private final ControlSettings settings;
  private final List<Route> routes;
  private final HttpServer server;
  private final ThreadPoolExecutor workers;

  private ControlServer(
      ControlSettings settings, List<Route> routes, HttpServer server, ThreadPoolExecutor workers) {
    this.settings = settings;
    this.routes = routes;
    this.server = server;
    this.workers = workers;
  }

  /**
   * The control of a run, and the metrics of its process.
   *
   * @param metrics gives what they are now
   * @throws ControlException where it cannot listen there; the message says why
   * @throws ConfigurationException where there is no such key store
   */
  public static ControlServer start(
      ControlSettings settings, RewardOperations operations, Supplier<String> metrics) {
    List<Route> routes = new ArrayList<>(new ControlApi(operations).routes());
    routes.add(metricsRoute(metrics));
    return start(settings, routes);
  }

  /**
   * The metrics of a process that controls nothing.
   *
   * @param metrics gives what they are now
   * @throws ControlException where it cannot listen there; the message says why
   * @throws ConfigurationException where there is no such key store
   */
  public static ControlServer ofMetrics(ControlSettings settings, Supplier<String> metrics) {
    return start(settings, List.of(metricsRoute(metrics)));
  }

  private static Route metricsRoute(Supplier<String> metrics) {
    return new Route(
        "GET", METRICS, call -> new Answer(200, RunMetrics.CONTENT_TYPE, metrics.get(), ""));
  }

  private static ControlServer start(ControlSettings settings, List<Route> routes) {
    // A caller that is slow holds a thread: the JDK's server ends it where these are set.
    limit("sun.net.httpserver.maxReqTime", "300");
    limit("sun.net.httpserver.maxRspTime", "300");
    InetSocketAddress at = new InetSocketAddress(settings.host(), settings.port());
    HttpServer server;
    try {
      server = create(settings, at);
    } catch (BindException e) {
      throw new ControlException(
          "unavailable",
          "%1$s: %2$s:%3$d is in use (%4$s); %1$s=0 takes any free one"
              .formatted(settings.portKey(), settings.host(), settings.port(), e.getMessage()),
          e);
    } catch (IOException e) {
      throw new ControlException(
          "unavailable",
          "control.host: %s:%d: %s".formatted(settings.host(), settings.port(), Faults.describe(e)),
          e);
    }
    AtomicInteger threads = new AtomicInteger();
    ThreadPoolExecutor workers =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING),
            task -> {
              Thread thread = new Thread(task, "favstream-http-" + threads.getAndIncrement());
              thread.setDaemon(true);
              return thread;
            });
    workers.allowCoreThreadTimeOut(true);
    ControlServer control = new ControlServer(settings, routes, server, workers);
    server.setExecutor(workers);
    server.createContext("/", control::serve);
    server.start();
    return control;
  }

  private static void limit(String property, String seconds) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, seconds);
    }
  }

  private static HttpServer create(ControlSettings settings, InetSocketAddress at)
      throws IOException {
    if (settings.keyStore().isEmpty()) {
      return HttpServer.create(at, BACKLOG);
    }
    SSLContext context = context(settings.keyStore().get());
    HttpsServer server = HttpsServer.create(at, BACKLOG);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    return server;
  }

  private static SSLContext context(ControlSettings.KeyStoreFile file) {
    try (InputStream in = Files.newInputStream(file.file())) {
      char[] password = file.password().toCharArray();
      KeyStore store = KeyStore.getInstance(file.type());
      store.load(in, password);
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, password);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new ConfigurationException(
          "control.tls.key-store: %s: %s: expected a key store of type %s and its password"
              .formatted(file.file(), Faults.describe(e), file.type()),
          e);
    }
  }

  /** Where the metrics are to be read. */
  public String metricsUrl() {
    return url() + METRICS;
  }

  /** Where it is to be called. */
  public String url() {
    InetSocketAddress at = server.getAddress();
    String host = at.getAddress().isAnyLocalAddress() ? "127.0.0.1" : settings.host();
    return "%s://%s:%d"
        .formatted(
            settings.keyStore().isPresent() ? "https" : "http",
            host.contains(":") ? "[" + host + "]" : host,
            at.getPort());
  }

  /** On a worker's thread. */
  private void serve(HttpExchange exchange) {
    try (exchange) {
      Answer answer;
      try {
        answer = answer(exchange);
      } catch (ProblemException e) {
        send(exchange, e.problem);
        return;
      } catch (RefusedException e) {
        send(exchange, Problem.of(e));
        return;
      } catch (IOException e) {
        log.warn("{} {}: {}", exchange.getRequestMethod(), path(exchange), Faults.describe(e));
        send(exchange, new Problem(500, "fault", Faults.describe(e)));
        return;
      } catch (RuntimeException e) {
        log.error("{} {}", exchange.getRequestMethod(), path(exchange), e);
        send(
            exchange,
            new Problem(500, "fault", "this is a fault of favstream itself; its log holds more"));
        return;
      }
      if (!answer.location().isEmpty()) {
        exchange.getResponseHeaders().set("Location", answer.location());
      }
      send(exchange, answer.status(), answer.type(), answer.text());
    } catch (IOException e) {
      log.debug("a caller went away: {}", Faults.describe(e));
    }
  }

  /** What keeps a request from its handler. */
  private static final class ProblemException extends Exception {
    private static final long serialVersionUID = 1L;
    private final transient Problem problem;

    ProblemException(int status, String kind, String detail) {
      super(detail);
      this.problem = new Problem(status, kind, detail);
    }
  }

  private static String path(HttpExchange exchange) {
    return exchange.getRequestURI().getRawPath();
  }

  private Answer answer(HttpExchange exchange)
      throws ProblemException, RefusedException, IOException {
    requireCaller(exchange);
    String method = exchange.getRequestMethod();
    List<String> segments =
        Arrays.stream(path(exchange).substring(1).split("/", -1))
            .map(segment -> URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8))
            .toList();
    TreeSet<String> others = new TreeSet<>();
    for (Route route : routes) {
      Optional<Map<String, String>> parameters = route.match(segments);
      if (parameters.isPresent() && route.method().equals(method)) {
        requireContentType(exchange);
        Map<String, String> all = query(exchange);
        all.putAll(parameters.get());
        return route.handler().on(new Call(all, exchange.getRequestBody()));
      }
      parameters.ifPresent(found -> others.add(route.method()));
    }
    if (others.isEmpty()) {
      throw new ProblemException(
          404,
          "not-found",
          "there is no %s; there is %s"
              .formatted(
                  path(exchange), routes.stream().map(Route::path).distinct().sorted().toList()));
    }
    exchange.getResponseHeaders().set("Allow", String.join(", ", others));
    throw new ProblemException(
        405, "method", "%s takes %s, got %s".formatted(path(exchange), others, method));
  }

  private void requireCaller(HttpExchange exchange) throws ProblemException {
    Headers headers = exchange.getRequestHeaders();
    if (settings.token().isEmpty()) {
      requireLocalHost(headers);
      return;
    }
    String given = String.valueOf(headers.getFirst("Authorization"));
    byte[] expected = ("Bearer " + settings.token()).getBytes(StandardCharsets.UTF_8);
    // In constant time: how much of it was right is not to be measured.
    if (!MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), expected)) {
      exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer realm=\"favstream\"");
      throw new ProblemException(
          401,
          "unauthorized",
          "a token is needed (Authorization: Bearer …), and it must be the right one");
    }
  }

  /** A page whose name was made to lead to this machine still has its own name here. */
  private void requireLocalHost(Headers headers) throws ProblemException {
    String host = String.valueOf(headers.getFirst("Host")).replaceFirst(":[0-9]+$", "");
    if (!host.matches("localhost|127\\.[0-9.]+|\\[::1]") && !host.equals(settings.host())) {
      throw new ProblemException(
          403, "host", "got host '%s', expected this machine's loopback".formatted(host));
    }
  }

  private static void requireContentType(HttpExchange exchange) throws ProblemException {
    String type = String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type"));
    if (exchange.getRequestMethod().equals("POST")
        && !type.toLowerCase(Locale.ROOT).matches("application/json *(;.*)?")) {
      throw new ProblemException(
          415, "content-type", "got content type '%s', expected application/json".formatted(type));
    }
  }

  private static Map<String, String> query(HttpExchange exchange) {
    Map<String, String> all = new LinkedHashMap<>();
    String query = exchange.getRequestURI().getQuery();
    if (query != null) {
      for (String part : query.split("&", -1)) {
        int equals = part.indexOf('=');
        if (equals > 0) {
          all.put(part.substring(0, equals), part.substring(equals + 1));
        }
      }
    }
    return all;
  }

  private static void send(HttpExchange exchange, Problem problem) throws IOException {
    if (problem.status() != 401 && problem.status() != 403) {
      drain(exchange.getRequestBody()); // of those that were let in
    }
    send(
        exchange,
        problem.status(),
        "application/problem+json",
        problem.toJson().toPrettyString() + "\n");
  }

  /** Whoever still sends does not read what is answered. */
  private static void drain(InputStream body) throws IOException {
    byte[] block = new byte[1 << 16];
    long drained = 0;
    int count = 0;
    while (count >= 0 && drained < MOST_DRAINED_BYTES) {
      count = body.read(block);
      drained += count;
    }
  }

  private static void send(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
    workers.shutdownNow();
  }
}
