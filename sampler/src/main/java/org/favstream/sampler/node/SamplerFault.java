// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.node;

/** A sampler cannot go on; the message says which and why. */
public final class SamplerFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SamplerFault(String message, Throwable cause) {
    super(message, cause);
  }
}
