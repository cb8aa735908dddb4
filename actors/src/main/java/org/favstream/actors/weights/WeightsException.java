// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.weights;

/** Weights that cannot be used; the message says why. */
public final class WeightsException extends Exception {
  private static final long serialVersionUID = 1L;

  /** With a message for the user. */
  public WeightsException(String message) {
    super(message);
  }

  /** With a message for the user, and what lies behind it. */
  public WeightsException(String message, Throwable cause) {
    super(message, cause);
  }
}
