// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

/** A reward that cannot be had; the message says whose, what was got and what was expected. */
public final class RewardModelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With a message for people. */
  public RewardModelException(String message) {
    super(message);
  }

  /** With a message for people, and what lies behind it. */
  public RewardModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
