// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.environment.remote;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.favstream.sampler.environment.Environment;
import org.favstream.sampler.environment.EnvironmentException;
import org.favstream.sampler.environment.EnvironmentSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves environments on loopback. Each connection has an environment of its own, on a thread of
 * its own: a client that comes back does not meet what it left behind, and one that does wrong
 * disturbs nobody else.
 */
public final class EnvironmentServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EnvironmentServer.class);

  private static final int MOST_CONNECTIONS = 64;

  private final EnvironmentSource source;
  private final ServerSocketChannel listener;
  private final String address;
  private final Set<ServedConnection> connections = ConcurrentHashMap.newKeySet();

  private EnvironmentServer(
      EnvironmentSource source, ServerSocketChannel listener, String address) {
    this.source = source;
    this.listener = listener;
    this.address = address;
  }

  /**
   * Listens, and serves until it is closed.
   *
   * @param source gives each connection its environment
   * @param port on loopback; 0 for any free one
   * @throws EnvironmentException where it cannot listen there
   */
  public static EnvironmentServer start(EnvironmentSource source, int port)
      throws EnvironmentException {
    InetSocketAddress wanted = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    try {
      ServerSocketChannel listener = ServerSocketChannel.open();
      try {
        listener.setOption(StandardSocketOptions.SO_REUSEADDR, true).bind(wanted);
        HostAndPort bound = HostAndPort.of((InetSocketAddress) listener.getLocalAddress());
        EnvironmentServer server = new EnvironmentServer(source, listener, bound.toString());
        start(server::accept, "favstream-environments-" + bound.port());
        return server;
      } catch (IOException e) {
        listener.close();
        throw e;
      }
    } catch (BindException e) {
      throw new EnvironmentException(
          "%s is in use (%s); port 0 takes any free one"
              .formatted(HostAndPort.of(wanted), e.getMessage()),
          e);
    } catch (IOException e) {
      throw new EnvironmentException(
          "cannot listen on %s: %s".formatted(HostAndPort.of(wanted), e.getMessage()), e);
    }
  }

  private static void start(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  /** Where clients reach it: {@code host:port}. */
  public String address() {
    return address;
  }

  private void accept() {
    try {
      while (true) {
        serve(listener.accept());
      }
    } catch (ClosedChannelException e) {
      // It was closed.
    } catch (IOException e) {
      log.error("environments on {} take no more connections", address, e);
    }
  }

  private void serve(SocketChannel accepted) {
    try {
      ServedConnection connection = new ServedConnection(FrameChannel.over(accepted), this::open);
      connections.add(connection);
      if (!listener.isOpen()) { // closed meanwhile
        connection.close();
      }
      start(() -> run(connection), "favstream-environment");
    } catch (IOException e) {
      log.warn("environments on {}: a connection was lost at once: {}", address, e.getMessage());
    }
  }

  private void run(ServedConnection connection) {
    try (connection) {
      connection.serve();
    } finally {
      connections.remove(connection);
    }
  }

  private Environment open() throws EnvironmentException {
    if (connections.size() > MOST_CONNECTIONS) {
      throw new EnvironmentException(
          "%s serves %d connections already".formatted(address, MOST_CONNECTIONS));
    }
    return source.open();
  }

  /** Ends every connection and listens no more. */
  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      log.warn("environments on {}: {}", address, e.getMessage());
    }
    connections.forEach(ServedConnection::close);
  }
}
