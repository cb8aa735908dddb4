// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.generator;

import ai.djl.ndarray.NDArray;
import java.util.function.Supplier;
import org.favstream.actors.engine.Gradients;

/**
 * Samples with the way back to the parameters that they were made with. Lives within a scope, and
 * until its generator samples again.
 */
public final class Tape {
  private final NDArray samples;
  private final Supplier<NDArray> gradient;

  /**
   * Samples with a way back.
   *
   * @param gradient gives the parameters' gradient, flat, once the samples were differentiated
   */
  Tape(NDArray samples, Supplier<NDArray> gradient) {
    this.samples = samples;
    this.gradient = gradient;
  }

  /** What was sampled: {@code (batch, d)}. */
  public NDArray samples() {
    return samples;
  }

  /** With what was computed from the samples in their place. */
  Tape then(NDArray further) {
    return new Tape(further, gradient);
  }

  /**
   * The vector-Jacobian product: the gradient of {@code Σ samples · cotangent} in the parameters;
   * asked once.
   *
   * @param cotangent of the samples' shape
   * @return flat
   */
  public NDArray pullBack(NDArray cotangent) {
    Gradients.backward(samples, cotangent);
    return gradient.get();
  }
}
