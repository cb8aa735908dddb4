// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

/** A critic's trainer cannot go on; the message says why. */
public class CriticFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CriticFault(String message, Throwable cause) {
    super(message, cause);
  }

  /** To begin anew would not help. */
  public static final class Lasting extends CriticFault {
    private static final long serialVersionUID = 1L;

    Lasting(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
