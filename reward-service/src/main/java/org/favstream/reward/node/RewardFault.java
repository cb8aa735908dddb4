// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

/** A reward actor cannot go on; the message says why. */
public final class RewardFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  RewardFault(String message, Throwable cause) {
    super(message, cause);
  }
}
