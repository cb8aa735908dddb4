// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.fleet;

import org.favstream.protocol.Transitions;

/** Where segments of episodes go. */
@FunctionalInterface
public interface TransitionsLog {

  /**
   * Takes a segment, in the order in which it was lived through; while it waits, the worker's arms
   * wait.
   */
  void append(Transitions segment) throws InterruptedException;
}
