// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.http;

import com.typesafe.config.Config;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.favstream.actors.config.ConfigurationException;

/**
 * Where a run is controlled from, or a node is watched, and by whom.
 *
 * @param host to listen at
 * @param port to listen at; 0 for any free one
 * @param portKey what the job calls that
 * @param token that callers must have; empty where anyone on this machine may call
 * @param keyStore for TLS; empty for plain HTTP
 * @param trialTimeout how long a reward's model may take to be made and to score a group
 */
public record ControlSettings(
    String host,
    int port,
    String portKey,
    String token,
    Optional<KeyStoreFile> keyStore,
    Duration trialTimeout) {
  private static final int MOST_PORTS = 65535;

  /** The environment's variable with the token, of whoever serves and whoever calls. */
  public static final String TOKEN_VARIABLE = "FAVSTREAM_TOKEN";

  /**
   * A key store with the server's certificate.
   *
   * @param type such as {@code PKCS12}
   */
  public record KeyStoreFile(Path file, String password, String type) {}

  public ControlSettings {
    if (port < 0 || port > MOST_PORTS) {
      throw new ConfigurationException(
          "%s: got %d, expected 0 to %d".formatted(portKey, port, MOST_PORTS));
    }
    if (trialTimeout.compareTo(Duration.ZERO) <= 0) {
      throw new ConfigurationException(
          "control.trial-timeout: got %s, expected more than 0".formatted(trialTimeout));
    }
    if (token.isEmpty() && !isLoopback(host)) {
      throw new ConfigurationException(
          "control.host is %s, which others can reach: set control.token, or the variable %s, to what they must know, or listen at 127.0.0.1"
              .formatted(host, TOKEN_VARIABLE));
    }
  }

  /**
   * Reads section {@code control} of a job.
   *
   * @param portKey of the job: {@code control.port}, or another that is served alike
   * @param fallbackToken where the section has none; may be empty
   */
  public static ControlSettings of(Config job, String portKey, String fallbackToken) {
    Config section = job.getConfig("control");
    String token = section.getString("token");
    String keyStore = section.getString("tls.key-store");
    return new ControlSettings(
        section.getString("host"),
        job.getInt(portKey),
        portKey,
        token.isEmpty() ? fallbackToken : token,
        keyStore.isEmpty()
            ? Optional.empty()
            : Optional.of(
                new KeyStoreFile(
                    Path.of(keyStore),
                    section.getString("tls.password"),
                    section.getString("tls.type"))),
        section.getDuration("trial-timeout"));
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new ConfigurationException(
          "control.host: got '%s', expected a name or an address of this machine".formatted(host),
          e);
    }
  }

  /** Without the token. */
  @Override
  public String toString() {
    return "ControlSettings[%s:%d]".formatted(host, port);
  }
}
