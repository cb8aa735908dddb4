// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;
import org.favstream.infra.broker.EmbeddedBroker;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests a {@link TestLog} on a real broker in this JVM: one for all tests, until the last.
 */
public final class RealBroker implements ParameterResolver {

  private record Running(Path folder, EmbeddedBroker broker) implements AutoCloseable {
    static Running start() {
      try {
        Path folder = Files.createTempDirectory("favstream-broker");
        return new Running(folder, new EmbeddedBroker(folder, freePort(), freePort(), Map.of()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static int freePort() throws IOException {
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      }
    }

    @Override
    public void close() throws IOException {
      broker.close(); // first: it halts the JVM where its folder goes away under it
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType().equals(TestLog.class);
  }

  @Override
  public TestLog resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Running running =
        context
            .getRoot()
            .getStore(ExtensionContext.Namespace.create(RealBroker.class))
            .computeIfAbsent(Running.class, type -> Running.start(), Running.class);
    return new TestLog(running.broker().bootstrapServers());
  }
}
