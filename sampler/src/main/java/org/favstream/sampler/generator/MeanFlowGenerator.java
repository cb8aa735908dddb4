// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.generator;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Optional;
import org.favstream.actors.engine.Scalars;

/**
 * MeanFlow (Geng and others 2025, arXiv 2505.13447) with N steps: the network gives the average
 * velocity {@code u(x_t, r, t)} between two times, with {@code t = 1} noise and {@code t = 0} data,
 * and a step is {@code x_r = x_t - (t - r) u}. Its input is {@code [x_t, t, t - r, c]}.
 */
public final class MeanFlowGenerator extends NetworkGenerator {
  static final String NAME = "flow";

  private final int steps;

  MeanFlowGenerator(int contextSize, int sampleSize, List<Integer> hidden, int steps) {
    super(
        sampleSize,
        contextSize,
        sampleSize,
        new Mlp(NAME, sampleSize + 2 + contextSize, hidden, sampleSize));
    this.steps = steps;
  }

  @Override
  public NDArray forward(NDArray parameters, NDArray noise, Optional<NDArray> context) {
    NDArray x = noise;
    NDArray one = noise.getManager().ones(new Shape(noise.getShape().get(0), 1));
    float length = 1f / steps;
    for (int step = 0; step < steps; step++) {
      NDArray t = one.mul(1 - step * length);
      NDArray u = network().forward(parameters, input(x, t, one.mul(length), context));
      x = x.sub(u.mul(Scalars.of(u, length)));
    }
    return x;
  }

  /**
   * The average velocity between two times.
   *
   * @param x {@code x_t}: {@code (batch, d)}
   * @param t {@code (batch, 1)}, in [0, 1]
   * @param span {@code t - r}: {@code (batch, 1)}, in [0, t]
   * @return {@code (batch, d)}
   */
  public NDArray averageVelocity(
      NDArray parameters, NDArray x, NDArray t, NDArray span, Optional<NDArray> context) {
    return network().forward(parameters, input(x, t, span, context));
  }

  /**
   * The total derivative of the average velocity in time, {@code du/dt}: along {@code (v, 0, 1)} in
   * {@code (x_t, r, t)}, hence along 1 in {@code t - r} too.
   *
   * @param v the instantaneous velocity: {@code (batch, d)}
   * @return {@code (batch, d)}
   */
  public NDArray averageVelocityInTime(
      NDArray parameters,
      NDArray x,
      NDArray t,
      NDArray span,
      NDArray v,
      Optional<NDArray> context) {
    NDArray tangent = input(v, t.onesLike(), span.onesLike(), context.map(NDArray::zerosLike));
    return network().derivative(parameters, input(x, t, span, context), tangent);
  }

  private static NDArray input(NDArray x, NDArray t, NDArray span, Optional<NDArray> context) {
    return context.map(c -> Mlp.columns(x, t, span, c)).orElseGet(() -> Mlp.columns(x, t, span));
  }
}
