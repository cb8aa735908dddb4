// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.fleet;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.favstream.actors.engine.ParameterLayout;
import org.favstream.actors.weights.PublishedWeights;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.TensorSpec;
import org.favstream.sampler.generator.Generator;

/**
 * A policy for a point on a line with one weight {@code θ}; counts its passes, and remembers the
 * weights on the device.
 */
public final class TestPolicy implements Generator {

  /** From {@code θ}, noise and observation to an action, of one number a row. */
  interface Law {
    NDArray action(NDArray theta, NDArray noise, NDArray observation);
  }

  private static final List<TensorSpec> TENSORS = List.of(new TensorSpec("theta", List.of(1)));

  private final Law law;
  private final Map<Float, NDArray> seen = new ConcurrentHashMap<>();
  final AtomicInteger passes = new AtomicInteger();

  TestPolicy(Law law) {
    this.law = law;
  }

  /** Gives {@code θ}, whatever it sees. */
  public static TestPolicy constant() {
    return new TestPolicy((theta, noise, observation) -> noise.mul(0).add(theta));
  }

  /** Published after as many learner steps as ten times its version. */
  public static PublishedWeights published(long version, float theta) {
    try {
      return new PublishedWeights(
          version, 1, 10 * version, new Weights(TENSORS, new float[] {theta}), 0);
    } catch (WeightsException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Weights of a policy with two. */
  public static PublishedWeights ofAnotherShape(long version) {
    try {
      return new PublishedWeights(
          version,
          1,
          10 * version,
          new Weights(List.of(new TensorSpec("theta", List.of(2))), new float[2]),
          0);
    } catch (WeightsException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether the weights {@code θ} were used, and are no longer on the device. */
  public boolean isFreed(float theta) {
    NDArray parameters = seen.get(theta);
    return parameters != null && parameters.isReleased();
  }

  @Override
  public int noiseSize() {
    return 1;
  }

  @Override
  public int contextSize() {
    return 2;
  }

  @Override
  public int sampleSize() {
    return 1;
  }

  @Override
  public ParameterLayout layout() {
    return new ParameterLayout(TENSORS);
  }

  @Override
  public float[] initialParameters(long seed) {
    return new float[1];
  }

  @Override
  public NDArray forward(NDArray parameters, NDArray noise, Optional<NDArray> context) {
    passes.incrementAndGet();
    seen.put(parameters.toFloatArray()[0], parameters);
    return law.action(parameters, noise, context.orElseThrow());
  }
}
