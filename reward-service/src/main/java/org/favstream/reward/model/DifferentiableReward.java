// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import ai.djl.ndarray.NDArray;

/** A reward as a differentiable function of tensors. */
@FunctionalInterface
public interface DifferentiableReward {

  /**
   * Rewards, each of its own row alone.
   *
   * @param particles {@code (rows, d)}
   * @param contexts {@code (rows, context size)}; {@code (rows, 0)} without contexts
   * @return {@code (rows)}
   */
  NDArray value(NDArray particles, NDArray contexts);
}
