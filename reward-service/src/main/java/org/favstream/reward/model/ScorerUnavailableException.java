// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

/** A remote scorer gave no answer this time; it may do so the next time. */
final class ScorerUnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  ScorerUnavailableException(String message) {
    super(message);
  }

  ScorerUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
