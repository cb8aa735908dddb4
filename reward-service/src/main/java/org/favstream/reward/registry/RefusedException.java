// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.registry;

/** What was asked for is not done; the message says why, and what would help. */
public final class RefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Why it is not done. */
  public enum Kind {
    /** It was asked wrongly. */
    BAD_REQUEST,
    /** There is no such thing. */
    NOT_FOUND,
    /** It does not fit the state, or someone else was first. */
    CONFLICT,
    /** It was looked at, and cannot be used. */
    UNUSABLE,
    /** A backtest's gate does not let it through, or there was no backtest. */
    GATE,
    /** It is larger than it may be. */
    TOO_LARGE,
    /** The log does not answer, or there is too much to do already. */
    UNAVAILABLE
  }

  private final Kind kind;

  /** With a message for whoever asked. */
  public RefusedException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  /** With a message for whoever asked, and what lies behind it. */
  public RefusedException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** Why. */
  public Kind kind() {
    return kind;
  }
}
