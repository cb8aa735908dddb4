// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.config;

/** A setting that cannot be used; the message names it, what was got and what is expected. */
public final class ConfigurationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With a message for the user. */
  public ConfigurationException(String message) {
    super(message);
  }

  /** With a message for the user, and what lies behind it. */
  public ConfigurationException(String message, Throwable cause) {
    super(message, cause);
  }
}
