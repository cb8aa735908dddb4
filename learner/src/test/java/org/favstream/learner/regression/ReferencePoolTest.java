// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.regression;

import static org.assertj.core.api.Assertions.assertThat;

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
    return new ReferencePool(frozen(), seed, SIZE, BLOCK);
  }

  @Test
  void shouldGiveADrawByItsNumberAlone() throws WeightsException {
    List<float[]> inOrder = new ArrayList<>();
    try (ReferencePool pool = pool(1)) {
      for (int draw = 0; draw < 8; draw++) {
        inOrder.add(pool.draw(draw, 64));
      }
    }
    for (int first = 0; first < 8; first++) {
      try (ReferencePool restarted = pool(1)) {
        assertThat(restarted.draw(first, 64)).isEqualTo(inOrder.get(first));
        assertThat(restarted.draw(0, 64))
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

  private static Set<List<Float>> rows(float[] samples) {
    Set<List<Float>> rows = new HashSet<>();
    for (int i = 0; i < samples.length; i += 2) {
      rows.add(List.of(samples[i], samples[i + 1]));
    }
    return rows;
  }
}
