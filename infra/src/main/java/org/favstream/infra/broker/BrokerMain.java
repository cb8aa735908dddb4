// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.broker;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The child JVM of {@link BrokerProcess}: {@code BrokerMain FOLDER PORT CONTROLLER_PORT
 * [key=value]…}. It says {@code ready} on standard output, and ends when standard input does, so
 * that it never outlives its parent.
 */
public final class BrokerMain {
  private BrokerMain() {}

  /** Runs the broker. */
  public static void main(String[] args) throws IOException {
    Map<String, String> overrides = new LinkedHashMap<>();
    for (int i = 3; i < args.length; i++) {
      int equals = args[i].indexOf('=');
      overrides.put(args[i].substring(0, equals), args[i].substring(equals + 1));
    }
    Path folder = Path.of(args[0]);
    // A run that was killed leaves a broker behind, which ends by itself a moment later.
    try (FileChannel channel =
            FileChannel.open(
                folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.lock();
        EmbeddedBroker broker =
            new EmbeddedBroker(
                folder, Integer.parseInt(args[1]), Integer.parseInt(args[2]), overrides)) {
      System.out.println("ready " + broker.bootstrapServers());
      while (System.in.read() >= 0) {
        // Nothing is said to it; it waits for the end.
      }
    } catch (RuntimeException | IOException e) {
      System.err.println("the broker could not start: " + e);
      System.exit(1);
    }
    System.exit(0); // Kafka leaves threads behind
  }
}
