// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.reaction;

/** Something that was to be a reaction context and is none; the message says what is wrong. */
public final class ReactionContextException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ReactionContextException(String message) {
    super(message);
  }

  ReactionContextException(String message, Throwable cause) {
    super(message, cause);
  }
}
