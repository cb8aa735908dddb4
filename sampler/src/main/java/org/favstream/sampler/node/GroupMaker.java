// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.node;

import ai.djl.Device;
import java.time.Clock;
import java.util.Optional;
import org.favstream.actors.weights.PublishedWeights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.Generation;
import org.favstream.protocol.GroupId;
import org.favstream.protocol.Noise;
import org.favstream.protocol.Tensor;
import org.favstream.sampler.context.ContextRows;
import org.favstream.sampler.context.ContextSource;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.LoadedGenerator;
import org.favstream.sampler.noise.NoiseSource;

/** Makes groups with the weights it was last given. Confined to one thread at a time. */
final class GroupMaker implements AutoCloseable {
  private final String run;
  private final String sampler;
  private final long incarnation;
  private final long noiseKey;
  private final long contextKey;
  private final SamplerSettings settings;
  private final ContextSource contexts;
  private final LoadedGenerator generator;
  private final Clock clock;
  private long version;

  /**
   * A maker with its first weights.
   *
   * @param seed the run's
   * @throws WeightsException where the weights are another generator's
   */
  GroupMaker(
      String run,
      String sampler,
      long incarnation,
      long seed,
      SamplerSettings settings,
      ContextSource contexts,
      Generator generator,
      PublishedWeights first,
      Device device,
      Clock clock)
      throws WeightsException {
    this.run = run;
    this.sampler = sampler;
    this.incarnation = incarnation;
    this.noiseKey = NoiseSource.key(seed, sampler, incarnation);
    this.contextKey = NoiseSource.key(seed, sampler + "/contexts", incarnation);
    this.settings = settings;
    this.contexts = contexts;
    this.generator = new LoadedGenerator(generator, first.weights(), device);
    this.version = first.version();
    this.clock = clock;
  }

  /**
   * Takes other weights; nothing changes where they do not fit.
   *
   * @throws WeightsException where they are another generator's
   */
  void swap(PublishedWeights next) throws WeightsException {
    generator.swap(next.weights());
    version = next.version();
  }

  /** The weights version it makes groups with. */
  long version() {
    return version;
  }

  /** The group of this number. */
  Generation make(long counter) {
    int groupContexts = settings.contextsPerGroup();
    int particles = settings.particlesPerContext();
    int rows = groupContexts * particles;
    int d = generator.generator().sampleSize();
    Noise noise = new Noise(noiseKey, counter);
    ContextSource.Contexts drawn = contexts.draw(new Noise(contextKey, counter), groupContexts);
    float[] normals = NoiseSource.normals(noise, rows * generator.generator().noiseSize());
    float[] samples =
        generator.sample(
            normals, ContextRows.repeat(drawn.values(), contexts.contextSize(), particles));
    return new Generation(
        run,
        new GroupId(sampler, incarnation, counter),
        version,
        noise,
        contexts.contextSize() == 0
            ? Optional.empty()
            : Optional.of(
                Tensor.of(new int[] {groupContexts, contexts.contextSize()}, drawn.values())),
        Tensor.of(new int[] {groupContexts, particles, d}, samples),
        contexts.references() == 0
            ? Optional.empty()
            : Optional.of(
                Tensor.of(new int[] {groupContexts, contexts.references(), d}, drawn.references())),
        clock.millis());
  }

  @Override
  public void close() {
    generator.close();
  }
}
