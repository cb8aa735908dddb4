// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.generator;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Optional;
import org.favstream.actors.engine.Gradients;
import org.favstream.actors.engine.ParameterLayout;

/**
 * A few-step generator {@code x = G(z, c; θ)} (FAV, arXiv 2605.26552): differentiable in {@code θ},
 * without state of its own.
 */
public interface Generator {

  /** How many standard normals make one sample. */
  int noiseSize();

  /** How many numbers a context has; 0 for an unconditional generator. */
  int contextSize();

  /** How many numbers a sample has: {@code d}. */
  int sampleSize();

  /** How the flat parameter vector is cut. */
  ParameterLayout layout();

  /**
   * Parameters to begin pre-training with.
   *
   * @param seed which draw
   */
  float[] initialParameters(long seed);

  /**
   * Samples.
   *
   * @param parameters {@code θ}, flat
   * @param noise {@code z}: {@code (batch, noiseSize)}
   * @param context {@code c}: {@code (batch, contextSize)}; empty for an unconditional generator
   * @return {@code (batch, d)}
   */
  NDArray forward(NDArray parameters, NDArray noise, Optional<NDArray> context);

  /**
   * Samples, to be differentiated in the parameters.
   *
   * @param parameters {@code θ}, flat; they stay free of any graph
   * @param noise {@code z}: {@code (batch, noiseSize)}
   * @param context {@code c}: {@code (batch, contextSize)}; empty for an unconditional generator
   */
  default Tape taped(NDArray parameters, NDArray noise, Optional<NDArray> context) {
    NDArray leaf = Gradients.leafOf(parameters);
    return new Tape(forward(leaf, noise, context), leaf::getGradient);
  }

  /**
   * This generator as it computes on a device. Who computes asks for one of his own, and uses it on
   * one thread at a time: a family that cannot compute without state, such as a foreign module, has
   * it there. A family without any is its own.
   *
   * @param owner whose device it is; what is held there is let go with it
   */
  default Generator on(NDManager owner) {
    return this;
  }
}
