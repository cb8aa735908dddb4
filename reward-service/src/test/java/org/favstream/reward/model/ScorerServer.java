// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A remote scorer on loopback that does as a test tells it. */
final class ScorerServer implements AutoCloseable {

  /** What it does with a request. */
  interface Handler {
    void handle(HttpExchange exchange, JsonNode asked) throws IOException;
  }

  /** The reward of a particle {@code x} in a context {@code c}: {@code Σ x_j² + Σ c_j}. */
  static final Handler RIGHT = (exchange, asked) -> send(exchange, 200, rewards(asked));

  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch released = new CountDownLatch(1);
  private final List<JsonNode> asked = new CopyOnWriteArrayList<>();
  private final List<String> authorizations = new CopyOnWriteArrayList<>();
  private volatile Handler handler;

  ScorerServer(Handler handler) throws IOException {
    this.handler = handler;
    this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/score", this::handle);
    server.start();
  }

  private void handle(HttpExchange exchange) throws IOException {
    JsonNode question = JSON.readTree(exchange.getRequestBody().readAllBytes());
    asked.add(question);
    authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
    try {
      handler.handle(exchange, question);
    } finally {
      exchange.close();
    }
  }

  /** From now on. */
  void does(Handler next) {
    handler = next;
  }

  /** Never answers, until the test is over. */
  void hang() {
    try {
      released.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  static Handler status(int status, String body) {
    return (exchange, asked) -> send(exchange, status, body);
  }

  static Handler text(String body) {
    return status(200, body);
  }

  static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  static String rewards(JsonNode asked) {
    StringBuilder numbers = new StringBuilder();
    for (int row = 0; row < asked.get("particles").size(); row++) {
      double sum = 0;
      for (JsonNode x : asked.get("particles").get(row)) {
        sum += x.doubleValue() * x.doubleValue();
      }
      for (JsonNode c : asked.get("contexts").get(row)) {
        sum += c.doubleValue();
      }
      numbers.append(row == 0 ? "" : ", ").append(sum);
    }
    return "{\"rewards\": [" + numbers + "], \"model\": \"sum of squares\"}";
  }

  String url() {
    return "http://127.0.0.1:%d/score".formatted(server.getAddress().getPort());
  }

  /** How to ask it: with two requests under way at once, and a cool-down of 30 s. */
  RemoteScorer.Settings settings(Duration timeout, int retries, int batch, int failures) {
    return new RemoteScorer.Settings(
        url(), timeout, retries, batch, 2, failures, Duration.ofSeconds(30), "");
  }

  /** Rewards of particles of one number each, without contexts. */
  static double[] values(RemoteScorer scorer, double... particles) {
    return scorer.values(particles.length, particles, new float[0]);
  }

  /** All that it was asked, in the order of coming. */
  List<JsonNode> asked() {
    return asked;
  }

  /** The header of each request, "null" where there was none. */
  List<String> authorizations() {
    return authorizations;
  }

  @Override
  public void close() {
    released.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
