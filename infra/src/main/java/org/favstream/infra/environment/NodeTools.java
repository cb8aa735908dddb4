// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.environment;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.favstream.sampler.environment.EnvironmentException;

/**
 * Node and what installs its packages.
 *
 * @param node the program, by name or path
 * @param npm the program, by name or path
 */
record NodeTools(String node, String npm) {
  private static final int OLDEST_NODE = 18;
  private static final int MOST_MINUTES = 10;
  private static final int LINES_SHOWN = 5;
  private static final Pattern VERSION = Pattern.compile("v(\\d+)\\..*", Pattern.DOTALL);
  private static final String ADVICE =
      "install Node.js %d or newer with npm (on Debian: apt-get install nodejs npm) and have it on the PATH"
          .formatted(OLDEST_NODE);

  /**
   * Makes sure that Node is there and new enough.
   *
   * @throws EnvironmentException where it is not
   */
  void requireNode() throws EnvironmentException {
    Ended said = run(Path.of("."), List.of(node, "--version"));
    Matcher version = VERSION.matcher(said.output());
    if (!version.matches() || Integer.parseInt(version.group(1)) < OLDEST_NODE) {
      throw new EnvironmentException(
          "%s is of version '%s', expected %d or newer: %s"
              .formatted(node, said.output().strip(), OLDEST_NODE, ADVICE));
    }
  }

  /**
   * Installs the packages that a folder's lock names, unless just these are there.
   *
   * @throws EnvironmentException where that fails, with the last that npm said
   */
  void install(Path home) throws EnvironmentException {
    try (FileChannel channel =
            FileChannel.open(
                home.resolve(".install-lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock alone = channel.lock()) {
      Path wanted = home.resolve("package-lock.json");
      Path installed = home.resolve("node_modules").resolve(".installed-lock.json");
      if (alone.isValid() && Files.exists(installed) && Files.mismatch(wanted, installed) < 0) {
        return;
      }
      Ended done = run(home, List.of(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"));
      if (done.status() != 0) {
        throw new EnvironmentException(
            "npm ci failed in %s with status %d: %s"
                .formatted(home, done.status(), done.lastWords()));
      }
      Files.copy(wanted, installed, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new EnvironmentException(
          "the packages of %s cannot be installed: %s".formatted(home, e.getMessage()), e);
    }
  }

  /** How a program ended, and all it said. */
  private record Ended(int status, String output) {
    String lastWords() {
      List<String> lines = output.lines().filter(line -> !line.isBlank()).toList();
      return String.join(
          " | ", lines.subList(Math.max(0, lines.size() - LINES_SHOWN), lines.size()));
    }
  }

  private static Ended run(Path folder, List<String> command) throws EnvironmentException {
    String line = String.join(" ", command);
    try {
      Path said = Files.createTempFile("favstream", ".log");
      try {
        Process process = start(folder, command, said);
        if (!process.waitFor(MOST_MINUTES, TimeUnit.MINUTES)) {
          process.destroyForcibly();
          throw new EnvironmentException(
              "'%s' did not end within %d minutes".formatted(line, MOST_MINUTES));
        }
        return new Ended(process.exitValue(), Files.readString(said));
      } finally {
        Files.delete(said);
      }
    } catch (IOException e) {
      throw new EnvironmentException("'%s' failed: %s".formatted(line, e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EnvironmentException("interrupted in '%s'".formatted(line), e);
    }
  }

  private static Process start(Path folder, List<String> command, Path said)
      throws EnvironmentException {
    try {
      return new ProcessBuilder(command)
          .directory(folder.toFile())
          .redirectErrorStream(true)
          .redirectOutput(said.toFile())
          .start();
    } catch (IOException e) {
      throw new EnvironmentException("%s was not found: %s".formatted(command.get(0), ADVICE), e);
    }
  }
}
