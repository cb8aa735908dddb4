// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

/** A remote scorer gave no rewards this time; it may do so the next time. */
final class ScorerUnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean failed;

  ScorerUnavailableException(String message, boolean failed) {
    super(message);
    this.failed = failed;
  }

  ScorerUnavailableException(String message, Throwable cause) {
    super(message, cause);
    this.failed = false;
  }

  /** Whether it is there, and failed at what it was asked. */
  boolean failed() {
    return failed;
  }
}
