// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.node;

/**
 * Weights cannot be made again: something that they were made of is gone. The message says what.
 */
public final class ReplayFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ReplayFault(String message) {
    super(message);
  }

  ReplayFault(String message, Throwable cause) {
    super(message, cause);
  }
}
