// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.broker;

import com.typesafe.config.Config;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The broker in a child JVM. */
public final class BrokerProcess implements AutoCloseable {

  /** The broker did not start, or went away; the message says what its log says. */
  public static final class BrokerException extends Exception {
    private static final long serialVersionUID = 1L;

    BrokerException(String message) {
      super(message);
    }

    BrokerException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * How it is started.
   *
   * @param folder its data and its log
   * @param port of clients on loopback; 0 for any free one
   * @param heap its largest heap, as {@code -Xmx} takes it
   * @param overrides settings under Kafka's names
   */
  public record Settings(Path folder, int port, String heap, Map<String, String> overrides) {
    public Settings {
      overrides = Map.copyOf(overrides);
      if (port < 0 || port > 65535) {
        throw new IllegalArgumentException("broker.port: got " + port + ", expected 0 to 65535");
      }
    }

    /** Reads section {@code broker} of a job. */
    public static Settings of(Config job, Path folder) {
      Config section = job.getConfig("broker");
      Map<String, String> overrides = new HashMap<>();
      section
          .getConfig("config")
          .entrySet()
          .forEach(
              entry ->
                  overrides.put(
                      entry.getKey().replace("\"", ""),
                      String.valueOf(entry.getValue().unwrapped())));
      return new Settings(folder, section.getInt("port"), section.getString("heap"), overrides);
    }
  }

  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
  private static final int LOG_LINES_SHOWN = 5;

  private final Settings settings;
  private final int port;
  private Process process;

  /**
   * Starts it and waits until it takes connections.
   *
   * @throws BrokerException where it does not, naming the reason
   */
  public static BrokerProcess start(Settings settings) throws BrokerException {
    int port = settings.port() == 0 ? freePort() : requireFree(settings.port());
    return new BrokerProcess(settings, port);
  }

  private BrokerProcess(Settings settings, int port) throws BrokerException {
    this.settings = settings;
    this.port = port;
    this.process = launch();
  }

  private static int freePort() throws BrokerException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new BrokerException("no free port on loopback: " + e.getMessage(), e);
    }
  }

  private static int requireFree(int port) throws BrokerException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return port;
    } catch (IOException e) {
      throw new BrokerException(
          "broker.port: %d is in use (%s); set broker.port=0 for any free one"
              .formatted(port, e.getMessage()),
          e);
    }
  }

  private Process launch() throws BrokerException {
    Path log = settings.folder().resolve("broker.log");
    List<String> command = new ArrayList<>();
    // A Ctrl-C at the terminal is for the run, which then ends the broker in order.
    command.addAll(List.of("sh", "-c", "trap '' INT; exec \"$@\"", "sh"));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    // Quick to start and small: it moves bytes, and compiles little.
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            "-Xmx" + settings.heap(),
            "-Dlogback.configurationFile=broker-logback.xml",
            "-cp",
            System.getProperty("java.class.path"),
            BrokerMain.class.getName(),
            settings.folder().toString(),
            Integer.toString(port),
            Integer.toString(freePort())));
    settings.overrides().forEach((key, value) -> command.add(key + "=" + value));
    try {
      Files.createDirectories(settings.folder());
      Process child =
          new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      awaitReady(child, log);
      return child;
    } catch (IOException e) {
      throw new BrokerException(
          "the broker could not be started in %s: %s".formatted(settings.folder(), e.getMessage()),
          e);
    }
  }

  private static void awaitReady(Process child, Path log) throws BrokerException {
    CompletableFuture<String> ready = new CompletableFuture<>();
    Thread reader =
        new Thread(
            () -> {
              try (BufferedReader lines =
                  new BufferedReader(
                      new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
                ready.complete(String.valueOf(lines.readLine()));
                while (lines.readLine() != null) {
                  // Keep the pipe empty.
                }
              } catch (IOException e) {
                ready.completeExceptionally(e);
              }
            },
            "favstream-broker-output");
    reader.setDaemon(true);
    reader.start();
    try {
      if (ready.get(START_TIMEOUT.toSeconds(), TimeUnit.SECONDS).startsWith("ready")) {
        return;
      }
      throw new BrokerException("the broker did not start: " + lastLines(log));
    } catch (TimeoutException | ExecutionException e) {
      child.destroyForcibly();
      throw new BrokerException(
          "the broker was not ready within %d s: %s"
              .formatted(START_TIMEOUT.toSeconds(), lastLines(log)),
          e);
    } catch (InterruptedException e) {
      child.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new BrokerException("interrupted while the broker started", e);
    }
  }

  private static String lastLines(Path log) {
    try {
      List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
      int from = Math.max(0, lines.size() - LOG_LINES_SHOWN);
      return String.join(" | ", lines.subList(from, lines.size())) + " (" + log + ")";
    } catch (IOException e) {
      return "its log " + log + " cannot be read";
    }
  }

  /** Where clients reach it. */
  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  /** Completes when it has ended, with its exit status. */
  public CompletableFuture<Integer> exit() {
    return process.onExit().thenApply(Process::exitValue);
  }

  /** What its log says last. */
  public String lastWords() {
    return lastLines(settings.folder().resolve("broker.log"));
  }

  /**
   * Starts it again on the same port and data, after it has ended.
   *
   * @throws BrokerException where it does not start
   */
  public void restart() throws BrokerException {
    process.destroyForcibly();
    process = launch();
  }

  /** Its process id. */
  public long pid() {
    return process.pid();
  }

  @Override
  public void close() {
    try {
      process.getOutputStream().close(); // the end of its standard input
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      process.destroyForcibly();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
