// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.generator;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Optional;
import org.favstream.actors.engine.ParameterLayout;

/**
 * A one-step generator {@code x = MLP([z, c])}: the decoder of a VAE, and the drifting model. They
 * differ in the size of their noise and in how they are pre-trained, not in how they sample.
 */
final class MlpGenerator implements Generator {
  static final String NAME = "decoder";

  private final int noiseSize;
  private final int contextSize;
  private final int sampleSize;
  private final Mlp network;

  MlpGenerator(int noiseSize, int contextSize, int sampleSize, List<Integer> hidden) {
    this.noiseSize = noiseSize;
    this.contextSize = contextSize;
    this.sampleSize = sampleSize;
    this.network = new Mlp(NAME, noiseSize + contextSize, hidden, sampleSize);
  }

  @Override
  public int noiseSize() {
    return noiseSize;
  }

  @Override
  public int contextSize() {
    return contextSize;
  }

  @Override
  public int sampleSize() {
    return sampleSize;
  }

  @Override
  public ParameterLayout layout() {
    return network.layout();
  }

  @Override
  public float[] initialParameters(long seed) {
    return network.initialParameters(seed);
  }

  @Override
  public NDArray forward(NDArray parameters, NDArray noise, Optional<NDArray> context) {
    NDArray input = context.map(c -> Mlp.columns(noise, c)).orElse(noise);
    return network.forward(parameters, input);
  }
}
