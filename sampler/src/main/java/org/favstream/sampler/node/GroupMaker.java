// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.node;

import ai.djl.Device;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
  private static final int ROWS_TOGETHER = 512;

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

  /** How many groups are worth making together: a small one costs less than a forward pass. */
  int together() {
    int rows = settings.contextsPerGroup() * settings.particlesPerContext();
    return Math.max(1, ROWS_TOGETHER / rows);
  }

  /**
   * The contexts of groups of consecutive numbers.
   *
   * @param first the first group's number
   */
  List<ContextSource.Contexts> draw(long first, int count) {
    List<ContextSource.Contexts> drawn = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      drawn.add(contexts.draw(new Noise(contextKey, first + i), settings.contextsPerGroup()));
    }
    return drawn;
  }

  /**
   * Groups of consecutive numbers, from one forward pass.
   *
   * @param first the first one's number
   * @param drawn the contexts of each
   */
  List<Generation> make(long first, List<ContextSource.Contexts> drawn) {
    int count = drawn.size();
    int rows = settings.contextsPerGroup() * settings.particlesPerContext();
    int width = generator.generator().noiseSize();
    int noiseSize = rows * width;
    int contextSize = rows * contexts.contextSize();
    float[] noise = new float[count * noiseSize];
    float[] contextRows = new float[count * contextSize];
    for (int i = 0; i < count; i++) {
      float[] normals = NoiseSource.normals(noise(first + i), rows, width);
      System.arraycopy(normals, 0, noise, i * noiseSize, noiseSize);
      float[] repeated =
          ContextRows.repeat(
              drawn.get(i).values(), contexts.contextSize(), settings.particlesPerContext());
      System.arraycopy(repeated, 0, contextRows, i * contextSize, contextSize);
    }
    float[] samples = generator.sample(noise, contextRows);
    int size = rows * generator.generator().sampleSize();
    List<Generation> groups = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      groups.add(
          group(first + i, drawn.get(i), Arrays.copyOfRange(samples, i * size, (i + 1) * size)));
    }
    return groups;
  }

  private Noise noise(long counter) {
    return new Noise(noiseKey, counter, settings.noise());
  }

  private Generation group(long counter, ContextSource.Contexts drawn, float[] samples) {
    int count = settings.contextsPerGroup();
    int d = generator.generator().sampleSize();
    return new Generation(
        run,
        new GroupId(sampler, incarnation, counter),
        version,
        noise(counter),
        contexts.contextSize() == 0
            ? Optional.empty()
            : Optional.of(Tensor.of(new int[] {count, contexts.contextSize()}, drawn.values())),
        Tensor.of(new int[] {count, settings.particlesPerContext(), d}, samples),
        contexts.references() == 0
            ? Optional.empty()
            : Optional.of(
                Tensor.of(new int[] {count, contexts.references(), d}, drawn.references())),
        clock.millis());
  }

  @Override
  public void close() {
    generator.close();
  }
}
