// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.arm;

/** Targets that cannot be used; the message names the file and says what is wrong. */
public final class ArmTargetException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ArmTargetException(String message) {
    super(message);
  }

  ArmTargetException(String message, Throwable cause) {
    super(message, cause);
  }
}
