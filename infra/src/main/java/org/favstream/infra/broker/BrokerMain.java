// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.broker;

import java.io.IOException;
import java.nio.file.Path;
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
    try (EmbeddedBroker broker =
        new EmbeddedBroker(
            Path.of(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]), overrides)) {
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
