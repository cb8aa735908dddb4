// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.generator;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Optional;

/**
 * A one-step generator {@code x = MLP([z, c])}: the decoder of a VAE, and the drifting model. They
 * differ in the size of their noise and in how they are pre-trained, not in how they sample.
 */
final class MlpGenerator extends NetworkGenerator {
  static final String NAME = "decoder";

  MlpGenerator(int noiseSize, int contextSize, int sampleSize, List<Integer> hidden) {
    super(
        noiseSize,
        contextSize,
        sampleSize,
        new Mlp(NAME, noiseSize + contextSize, hidden, sampleSize));
  }

  @Override
  public NDArray forward(NDArray parameters, NDArray noise, Optional<NDArray> context) {
    NDArray input = context.map(c -> Mlp.columns(noise, c)).orElse(noise);
    return network().forward(parameters, input);
  }
}
