// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.environment.remote;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/** An address as people write it, such as {@code 127.0.0.1:4711} or {@code [::1]:4711}. */
record HostAndPort(String host, int port) {

  static HostAndPort parse(String text) {
    int colon = text.lastIndexOf(':');
    try {
      int port = Integer.parseInt(text.substring(colon + 1));
      if (colon > 0 && port > 0 && port <= 65535) {
        return new HostAndPort(text.substring(0, colon), port);
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException(
        "'%s' is no address of an environment, expected HOST:PORT".formatted(text));
  }

  static HostAndPort of(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return new HostAndPort(host.contains(":") ? "[" + host + "]" : host, address.getPort());
  }

  InetSocketAddress resolve() throws UnknownHostException {
    return new InetSocketAddress(InetAddress.getByName(host), port);
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
