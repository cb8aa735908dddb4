// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.node;

/** A worker of the fleet cannot go on; the message says which and why. */
public final class FleetFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  FleetFault(String message) {
    super(message);
  }

  FleetFault(String message, Throwable cause) {
    super(message, cause);
  }
}
