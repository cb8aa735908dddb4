// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

/** A reward's file cannot be had; the message names it and says why. */
public final class ArtifactException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ArtifactException(String message) {
    super(message);
  }

  ArtifactException(String message, Throwable cause) {
    super(message, cause);
  }
}
