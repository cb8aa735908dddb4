// SPDX-License-Identifier: Apache-2.0
package org.favstream.bench;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Optional;
import org.favstream.actors.engine.ParameterLayout;
import org.favstream.protocol.TensorSpec;
import org.favstream.reward.model.RewardModel;
import org.favstream.sampler.generator.Generator;

/** A generator and a reward that cost next to nothing, so that the way through the log is seen. */
final class TrivialModels {
  private TrivialModels() {}

  /**
   * {@code x = z + θ}, with one number of noise for all of a sample.
   *
   * @param sampleSize numbers a sample
   */
  record Shift(int sampleSize) implements Generator {
    @Override
    public int noiseSize() {
      return 1;
    }

    @Override
    public int contextSize() {
      return 0;
    }

    @Override
    public ParameterLayout layout() {
      return new ParameterLayout(List.of(TensorSpec.of("shift", sampleSize)));
    }

    @Override
    public float[] initialParameters(long seed) {
      return new float[sampleSize];
    }

    @Override
    public NDArray forward(NDArray parameters, NDArray noise, Optional<NDArray> context) {
      return noise.add(parameters);
    }
  }

  /** A reward of 0 everywhere. */
  static RewardModel indifferent() {
    return block ->
        new RewardModel.Rewards(new float[block.rows()], new float[block.rows() * block.d()]);
  }
}
