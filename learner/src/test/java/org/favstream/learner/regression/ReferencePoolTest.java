// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.regression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.Noise;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.GeneratorSettings;
import org.favstream.sampler.generator.LoadedGenerator;
import org.favstream.sampler.noise.NoiseSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReferencePoolTest {
  private static final int SIZE = 10;
  private static final int BLOCK = 4;

  private static LoadedGenerator frozen() throws WeightsException {
    Generator generator =
        new GeneratorSettings(GeneratorSettings.Family.MEANFLOW, 2, 0, 2, List.of(4), 1).create();
    return new LoadedGenerator(
        generator,
        new Weights(generator.layout().tensors(), generator.initialParameters(3)),
        Device.cpu());
  }

  private static ReferencePool pool(long seed) throws WeightsException {
    return pool(Noise.Kind.INDEPENDENT, seed);
  }

  private static ReferencePool pool(Noise.Kind noise, long seed) throws WeightsException {
    return new ReferencePool(frozen(), noise, seed, SIZE, BLOCK);
  }

  @ParameterizedTest
  @EnumSource(Noise.Kind.class)
  void shouldGiveADrawByItsNumberAlone(Noise.Kind noise) throws WeightsException {
    List<float[]> inOrder = new ArrayList<>();
    try (ReferencePool pool = pool(noise, 1)) {
      for (int draw = 0; draw < 8; draw++) {
        inOrder.add(pool.draw(draw, BLOCK));
      }
    }
    for (int first = 0; first < 8; first++) {
      try (ReferencePool restarted = pool(noise, 1)) {
        assertThat(restarted.draw(first, BLOCK)).isEqualTo(inOrder.get(first));
        assertThat(restarted.draw(0, BLOCK))
            .describedAs("after draw %d", first)
            .isEqualTo(inOrder.get(0));
      }
    }
  }

  @Test
  void shouldGiveOtherSamplesForAnotherDrawOrSeed() throws WeightsException {
    try (ReferencePool pool = pool(1);
        ReferencePool other = pool(2)) {
      assertThat(pool.draw(5, 64)).isNotEqualTo(pool.draw(6, 64));
      assertThat(pool.draw(5, 64)).isNotEqualTo(other.draw(5, 64));
    }
  }

  @Test
  void shouldGrowByABlockADrawAndNotBeyondItsSize() throws WeightsException {
    try (ReferencePool pool = pool(1)) {
      Set<List<Float>> first = rows(pool.draw(0, 1000));
      Set<List<Float>> second = rows(pool.draw(1, 1000));
      Set<List<Float>> full = rows(pool.draw(2, 1000));
      assertThat(first).hasSize(BLOCK);
      assertThat(second).hasSize(2 * BLOCK).containsAll(first);
      assertThat(full).hasSize(SIZE).containsAll(second);
      assertThat(rows(pool.draw(1_000_000, 1000))).isEqualTo(full);
    }
  }

  @Test
  void shouldHoldSamplesOfTheFrozenGenerator() throws WeightsException {
    long key = NoiseSource.key(1, "reference-pool", 0);
    try (ReferencePool pool = pool(1);
        LoadedGenerator generator = frozen()) {
      float[] expected =
          generator.sample(NoiseSource.normals(new Noise(key, 0), 2 * BLOCK), new float[0]);
      assertThat(rows(pool.draw(0, 1000))).isEqualTo(rows(expected));
      int[] rows = NoiseSource.integers(new Noise(key, 0), 3, BLOCK);
      float[] drawn = pool.draw(0, 3);
      for (int i = 0; i < 3; i++) {
        assertThat(drawn[2 * i]).isEqualTo(expected[2 * rows[i]]);
        assertThat(drawn[2 * i + 1]).isEqualTo(expected[2 * rows[i] + 1]);
      }
    }
  }

  @Test
  void shouldGiveABlockAsItIsWhereTheNoiseIsQuasiRandom() throws WeightsException {
    long key = NoiseSource.key(1, "reference-pool", 0);
    List<List<Float>> blocks = new ArrayList<>();
    try (LoadedGenerator generator = frozen()) {
      for (int block = 0; block < SIZE / BLOCK; block++) {
        Noise noise = new Noise(key, block, Noise.Kind.QUASI_RANDOM);
        blocks.add(list(generator.sample(NoiseSource.normals(noise, BLOCK, 2), new float[0])));
      }
    }
    Set<List<Float>> seen = new HashSet<>();
    try (ReferencePool pool = pool(Noise.Kind.QUASI_RANDOM, 1)) {
      for (int draw = 0; draw < 50; draw++) {
        List<Float> drawn = list(pool.draw(draw, BLOCK));
        assertThat(blocks.subList(0, Math.min(draw + 1, blocks.size()))).contains(drawn);
        seen.add(drawn);
      }
      assertThat(seen).describedAs("each block is drawn").hasSize(blocks.size());
      assertThat(list(pool.draw(49, 3))).isEqualTo(list(pool.draw(49, BLOCK)).subList(0, 6));
    }
  }

  @Test
  void shouldRefuseLessThanABlockWhereTheNoiseIsQuasiRandom() throws WeightsException {
    try (LoadedGenerator generator = frozen()) {
      assertThatThrownBy(() -> new ReferencePool(generator, Noise.Kind.QUASI_RANDOM, 1, 3, 4))
          .hasMessageStartingWith("reference.pool: got 3, expected at least reference.per-step, 4");
    }
    try (ReferencePool pool = pool(Noise.Kind.QUASI_RANDOM, 1)) {
      assertThatThrownBy(() -> pool.draw(0, BLOCK + 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  private static List<Float> list(float[] numbers) {
    List<Float> list = new ArrayList<>();
    for (float number : numbers) {
      list.add(number);
    }
    return list;
  }

  private static Set<List<Float>> rows(float[] samples) {
    Set<List<Float>> rows = new HashSet<>();
    for (int i = 0; i < samples.length; i += 2) {
      rows.add(List.of(samples[i], samples[i + 1]));
    }
    return rows;
  }
}
