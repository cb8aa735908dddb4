// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.evaluation;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Optional;
import org.favstream.actors.engine.ParameterLayout;
import org.favstream.protocol.TensorSpec;
import org.favstream.sampler.generator.Generator;

/** A generator whose samples are its weights and a multiple of the noise. */
final class Affine implements Generator {
  private final int size;
  private final int contextSize;
  private final float width;

  Affine(int size, int contextSize, float width) {
    this.size = size;
    this.contextSize = contextSize;
    this.width = width;
  }

  @Override
  public int noiseSize() {
    return size;
  }

  @Override
  public int contextSize() {
    return contextSize;
  }

  @Override
  public int sampleSize() {
    return size;
  }

  @Override
  public ParameterLayout layout() {
    return new ParameterLayout(List.of(TensorSpec.of("centre", size)));
  }

  @Override
  public float[] initialParameters(long seed) {
    return new float[size];
  }

  @Override
  public NDArray forward(NDArray parameters, NDArray noise, Optional<NDArray> context) {
    return noise.mul(width).add(parameters.reshape(1, size));
  }
}
