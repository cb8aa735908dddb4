// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;

/**
 * Reverse-mode differentiation for any number of threads. DJL's own {@code GradientCollector} is
 * one per JVM and throws at a second one, hence the two calls below it are used, here alone.
 */
public final class Gradients {
  private Gradients() {}

  /**
   * A leaf that shares the numbers of a tensor and collects a gradient. The tensor itself stays
   * free of any graph.
   */
  public static NDArray leafOf(NDArray tensor) {
    JniUtils.setGradMode(true); // thread-local
    NDArray leaf = tensor.stopGradient();
    leaf.setRequiresGradient(true);
    return leaf;
  }

  /**
   * The vector-Jacobian product: the gradient of {@code Σ output · cotangent} in the leaf.
   *
   * @param output what was computed from the leaf
   * @param cotangent of the output's shape
   * @param leaf from {@link #leafOf}, asked once
   */
  public static NDArray inLeaf(NDArray output, NDArray cotangent, NDArray leaf) {
    backward(output, cotangent);
    return leaf.getGradient();
  }

  /**
   * Adds the vector-Jacobian product to the gradient of every leaf behind an output; asked once.
   *
   * @param output what was computed from them
   * @param cotangent of the output's shape
   */
  public static void backward(NDArray output, NDArray cotangent) {
    JniUtils.backward((PtNDArray) output, (PtNDArray) cotangent, false, false);
  }
}
