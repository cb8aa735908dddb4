// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.run;

/** A run cannot begin or go on; the message says why and what to do. */
public final class RunException extends Exception {
  private static final long serialVersionUID = 1L;

  /** With a message for the user. */
  public RunException(String message) {
    super(message);
  }

  /** With a message for the user, and what lies behind it. */
  public RunException(String message, Throwable cause) {
    super(message, cause);
  }
}
