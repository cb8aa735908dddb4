// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.node;

/** The learner cannot go on from here; the message says why. */
public class LearnerFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  LearnerFault(String message, Throwable cause) {
    super(message, cause);
  }

  /** One that beginning anew would only meet again. */
  public static final class Lasting extends LearnerFault {
    private static final long serialVersionUID = 1L;

    Lasting(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
