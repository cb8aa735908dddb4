// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.kafka;

/** The log does not answer, or is not as it must be; the message says what to look at. */
public final class LogUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With a message for the user, and what lies behind it. */
  public LogUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }

  /** With a message for the user. */
  public LogUnavailableException(String message) {
    super(message);
  }
}
