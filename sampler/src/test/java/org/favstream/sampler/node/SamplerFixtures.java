// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.node;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.favstream.actors.kafka.KafkaConnection;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.actors.weights.PublishedWeights;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.Topics;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.GeneratorSettings;
import org.favstream.sampler.generator.GeneratorSettings.Family;

/** A small sampler's surroundings, without a broker. */
final class SamplerFixtures {
  static final Clock NOON = Clock.fixed(Instant.ofEpochMilli(1_790_000_000_123L), ZoneOffset.UTC);
  static final NodeContext NODE =
      new NodeContext(
          "run-1",
          new KafkaConnection("localhost:1", Map.of(), Map.of(), Map.of()),
          new Topics("run-1.", Duration.ofHours(1), 1 << 20),
          NOON);
  static final Generator GENERATOR = generator(0);

  private SamplerFixtures() {}

  /** Noise of three numbers, samples of two. */
  static Generator generator(int contextSize) {
    return new GeneratorSettings(Family.VAE, 3, contextSize, 2, List.of(4), 1).create();
  }

  /** Other weights for each version. */
  static PublishedWeights published(Generator generator, long version) throws WeightsException {
    Weights weights =
        new Weights(generator.layout().tensors(), generator.initialParameters(100 + version));
    return new PublishedWeights(version, 1, 10 * version, weights, NOON.millis() - 40);
  }

  /** Weights of a generator that takes contexts. */
  static PublishedWeights ofAnotherShape(long version) throws WeightsException {
    return published(generator(5), version);
  }
}
