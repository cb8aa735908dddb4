// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

/** What a reward model gave cannot be used; the message says why. */
public final class UnusableRewardException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnusableRewardException(String message) {
    super(message);
  }
}
