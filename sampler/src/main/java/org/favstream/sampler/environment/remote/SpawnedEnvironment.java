// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.environment.remote;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.favstream.sampler.environment.Environment;
import org.favstream.sampler.environment.EnvironmentException;

/**
 * An environment in a server that is started for it, and ended with it. The server says {@code
 * listening on HOST:PORT} on its standard output once it takes connections; what it says on its
 * standard error goes to a log. Its standard input is a pipe that ends with this JVM, so that a
 * server that watches it ({@code --end-with-input}) never stays behind.
 */
public final class SpawnedEnvironment implements Environment {
  private static final String READY = "listening on ";
  private static final int END_SECONDS = 5;

  private final Process process;
  private final Path log;
  private final RemoteEnvironment remote;

  private SpawnedEnvironment(Process process, Path log, RemoteEnvironment remote) {
    this.process = process;
    this.log = log;
    this.remote = remote;
  }

  /**
   * Starts the server and connects to it.
   *
   * @param command the program and its arguments
   * @param log grows by what the server says on its standard error
   * @param settings the connect deadline is also that of the start
   * @throws EnvironmentException where it does not start, or is not as demanded
   */
  public static SpawnedEnvironment start(
      List<String> command, Path log, RemoteEnvironment.Settings settings)
      throws EnvironmentException {
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
    } catch (IOException e) {
      throw new EnvironmentException(
          "environment '%s': %s".formatted(String.join(" ", command), e.getMessage()), e);
    }
    try {
      String address = awaitReady(process, settings);
      return new SpawnedEnvironment(process, log, RemoteEnvironment.connect(address, settings));
    } catch (EnvironmentException | IllegalArgumentException e) {
      end(process);
      throw new EnvironmentException(
          "environment '%s': %s; its log is %s"
              .formatted(String.join(" ", command), e.getMessage(), log),
          e);
    }
  }

  private static String awaitReady(Process process, RemoteEnvironment.Settings settings)
      throws EnvironmentException {
    CompletableFuture<String> first = new CompletableFuture<>();
    Thread reader = new Thread(() -> read(process, first), "favstream-environment-output");
    reader.setDaemon(true);
    reader.start();
    try {
      String line = first.get(settings.connectDeadline().toMillis(), TimeUnit.MILLISECONDS);
      if (line.startsWith(READY)) {
        return line.substring(READY.length());
      }
      throw new EnvironmentException("it said '%s', expected '%sHOST:PORT'".formatted(line, READY));
    } catch (TimeoutException e) {
      throw new EnvironmentException(
          "it did not listen within %d ms".formatted(settings.connectDeadline().toMillis()), e);
    } catch (ExecutionException e) {
      throw new EnvironmentException("it ended before it listened", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EnvironmentException("interrupted while it started", e);
    }
  }

  private static void read(Process process, CompletableFuture<String> first) {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line = lines.readLine();
      while (line != null) { // to the end: a full pipe would stop it
        first.complete(line);
        line = lines.readLine();
      }
      first.completeExceptionally(new IOException("the end of its output"));
    } catch (IOException e) {
      first.completeExceptionally(e);
    }
  }

  @Override
  public Spec spec() {
    return remote.spec();
  }

  @Override
  public float[] reset(int copy, long seed) throws EnvironmentException {
    try {
      return remote.reset(copy, seed);
    } catch (EnvironmentException e) {
      throw withLog(e);
    }
  }

  @Override
  public Step step(float[] actions) throws EnvironmentException {
    try {
      return remote.step(actions);
    } catch (EnvironmentException e) {
      throw withLog(e);
    }
  }

  private EnvironmentException withLog(EnvironmentException fault) {
    return new EnvironmentException(fault.getMessage() + "; its log is " + log, fault);
  }

  /** Its server's process id. */
  long pid() {
    return process.pid();
  }

  @Override
  public void close() {
    remote.close();
    end(process);
  }

  /** Asks it to end, and waits; then ends it. */
  private static void end(Process process) {
    try {
      process.destroy();
      if (process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }
}
