// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.engine;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;

/**
 * The life of one step's tensors: whatever the thread makes while it is open is freed when it
 * closes, also results that attached themselves to a longer-lived operand's manager.
 */
public final class EngineScope implements AutoCloseable {
  private final NDManager manager;
  private final NDScope scope;

  /**
   * Opens a scope on this thread.
   *
   * @param parent whose device it takes
   */
  public EngineScope(NDManager parent) {
    this.manager = parent.newSubManager();
    this.scope = new NDScope();
  }

  /** Makes tensors that live as long as this scope. */
  public NDManager manager() {
    return manager;
  }

  @Override
  public void close() {
    scope.close();
    manager.close();
  }
}
