// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.engine;

/**
 * A TorchScript module that cannot be used; the message names it and says what was got, what was
 * expected and what to do. Unchecked, for a module may fail at any call, as a device may.
 */
public final class TorchScriptException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With a message for the user. */
  public TorchScriptException(String message) {
    super(message);
  }

  /** With a message for the user, and what lies behind it. */
  public TorchScriptException(String message, Throwable cause) {
    super(message, cause);
  }
}
