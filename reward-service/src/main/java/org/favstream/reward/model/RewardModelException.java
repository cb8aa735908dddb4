// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import org.favstream.actors.runtime.Faults;

/** A reward that cannot be had; the message says whose, what was got and what was expected. */
public class RewardModelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With a message for people. */
  public RewardModelException(String message) {
    super(message);
  }

  /** With a message for people, and what lies behind it. */
  public RewardModelException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * What a part of a reward threw, as the whole's: one that is not there at the moment makes the
   * whole one that is not there at the moment.
   *
   * @param name of the part
   */
  public static RewardModelException of(String name, Throwable fault) {
    String message = name + ": " + Faults.describe(fault);
    return Faults.unwrapped(fault) instanceof RewardUnavailableException
        ? new RewardUnavailableException(message, fault)
        : new RewardModelException(message, fault);
  }
}
