// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.http;

/**
 * A run does not do what it was asked, or does not answer, or cannot be controlled from where it is
 * to be; the message says why.
 */
public final class ControlException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String kind;

  /**
   * With a message for the user.
   *
   * @param kind of problem, in one word, as the server names it
   */
  ControlException(String kind, String message) {
    super(message);
    this.kind = kind;
  }

  /** With a message for the user, and what lies behind it. */
  ControlException(String kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** What kind of problem, in one word, such as {@code gate} or {@code bad-request}. */
  public String kind() {
    return kind;
  }
}
