// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.generator;

import org.favstream.actors.engine.ParameterLayout;

/** What generators of one network have in common: sizes, and the network's parameters. */
abstract class NetworkGenerator implements Generator {
  private final int noiseSize;
  private final int contextSize;
  private final int sampleSize;
  private final Mlp network;

  NetworkGenerator(int noiseSize, int contextSize, int sampleSize, Mlp network) {
    this.noiseSize = noiseSize;
    this.contextSize = contextSize;
    this.sampleSize = sampleSize;
    this.network = network;
  }

  final Mlp network() {
    return network;
  }

  @Override
  public final int noiseSize() {
    return noiseSize;
  }

  @Override
  public final int contextSize() {
    return contextSize;
  }

  @Override
  public final int sampleSize() {
    return sampleSize;
  }

  @Override
  public final ParameterLayout layout() {
    return network.layout();
  }

  @Override
  public final float[] initialParameters(long seed) {
    return network.initialParameters(seed);
  }
}
