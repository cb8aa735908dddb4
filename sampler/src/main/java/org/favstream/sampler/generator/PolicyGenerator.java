// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.generator;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Optional;

/**
 * A robot's one-step policy {@code G(z, s) = MLP([s, z])} (the actor of FAV, arXiv 2605.26552, and
 * of FQL, arXiv 2502.02538): the context is an observation {@code s}, the noise {@code z} usually
 * has the action's size, and GELU stands between the layers.
 *
 * <p><b>What it gives is not clipped.</b> An action is {@code clip(G, -1, 1)}, and whoever acts on
 * it clips: the environment, and the critic ({@link #actions}). The particle is the number before.
 * Were the generator to clip, its derivative would be 0 wherever an output is beyond the bounds,
 * and the fixed-point regression could never bring that output back. As it is, the target {@code x
 * + φ} of a particle beyond the bounds lies nearer to them, since the prior's score pulls to a
 * reference action, which is within.
 */
public final class PolicyGenerator extends NetworkGenerator {
  static final String NAME = "policy";

  PolicyGenerator(int noiseSize, int observationSize, int actionSize, List<Integer> hidden) {
    super(
        noiseSize,
        observationSize,
        actionSize,
        new Mlp(NAME, observationSize + noiseSize, hidden, actionSize, Mlp.Between.GELU));
  }

  /** The actions behind what a policy gives; of the same shape. For inference alone. */
  public static NDArray actions(NDArray output) {
    return output.clip(-1, 1);
  }

  /** As {@link #actions(NDArray)}, of numbers; the given ones stay as they are. */
  public static float[] actions(float[] output) {
    float[] actions = new float[output.length];
    for (int i = 0; i < actions.length; i++) {
      actions[i] = Math.max(-1, Math.min(1, output[i]));
    }
    return actions;
  }

  @Override
  public NDArray forward(NDArray parameters, NDArray noise, Optional<NDArray> context) {
    return network().forward(parameters, Mlp.columns(context.orElseThrow(), noise));
  }
}
