// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.environment;

/** An environment that cannot go on; the message names it and says why. */
public final class EnvironmentException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What was got, what was expected and what to do. */
  public EnvironmentException(String message) {
    super(message);
  }

  /** The same with its cause. */
  public EnvironmentException(String message, Throwable cause) {
    super(message, cause);
  }
}
