// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.pretraining;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Optional;
import org.favstream.actors.engine.Adam;
import org.favstream.protocol.Noise;

/** What a family of generators is pre-trained on. */
interface Objective {

  /**
   * Data and randomness of one step.
   *
   * @param samples {@code (batch, d)}
   * @param contexts {@code (batch, context size)}; empty for an unconditional generator
   * @param draw where to take the step's noise from
   */
  record Step(NDManager manager, NDArray samples, Optional<NDArray> contexts, Noise draw) {
    int size() {
      return (int) samples.getShape().get(0);
    }
  }

  /** All parameters to begin with, the generator's first. */
  float[] initialParameters(long seed);

  /** The optimiser's settings. */
  Adam.Settings optimiser();

  /**
   * The loss: one number, differentiable in the parameters.
   *
   * @param parameters flat
   */
  NDArray loss(NDArray parameters, Step step);
}
