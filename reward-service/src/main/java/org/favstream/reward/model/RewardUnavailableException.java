// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

/**
 * A reward that is not there at the moment, and may be later: nothing is wrong with what it was
 * asked. Groups wait for it.
 */
public final class RewardUnavailableException extends RewardModelException {
  private static final long serialVersionUID = 1L;

  /** With a message for people. */
  public RewardUnavailableException(String message) {
    super(message);
  }

  /** With a message for people, and what lies behind it. */
  public RewardUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
