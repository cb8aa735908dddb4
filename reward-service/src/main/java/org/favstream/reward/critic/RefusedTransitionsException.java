// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.critic;

/** Transitions that a replay buffer does not take; the message says which and why. */
public final class RefusedTransitionsException extends Exception {
  private static final long serialVersionUID = 1L;

  RefusedTransitionsException(String message) {
    super(message);
  }
}
