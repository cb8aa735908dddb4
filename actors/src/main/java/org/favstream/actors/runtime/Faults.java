// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.runtime;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** What went wrong, in one line for people. */
public final class Faults {
  private Faults() {}

  /** The fault itself, without the wrappings of asynchronous calls. */
  public static Throwable unwrapped(Throwable fault) {
    Throwable inner = fault;
    while (inner.getCause() != null
        && (inner instanceof CompletionException || inner instanceof ExecutionException)) {
      inner = inner.getCause();
    }
    return inner;
  }

  /** The message of the fault, or its kind where it has none. */
  public static String describe(Throwable fault) {
    Throwable inner = unwrapped(fault);
    String message = inner.getMessage();
    return message == null || message.isBlank() ? inner.getClass().getSimpleName() : message;
  }
}
