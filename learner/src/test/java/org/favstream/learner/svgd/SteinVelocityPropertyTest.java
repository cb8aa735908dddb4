// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.svgd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** What holds of the velocity whatever the numbers. */
class SteinVelocityPropertyTest {
  private static final VelocitySettings MULTI_SCALE =
      new VelocitySettings(0.5, List.of(0.5, 3.0), List.of(2.0, 1.0), FloorMode.NONE, 1);

  @Test
  void shouldPermuteTheVelocitiesWhenParticlesArePermuted() {
    for (int seed = 0; seed < 10; seed++) {
      Random random = new Random(seed);
      int n = 1 + random.nextInt(100);
      int d = 1 + random.nextInt(6);
      ParticleBlock block = Velocities.block(random, 1, n, 30, d);
      int[] order = order(random, n);
      ParticleBlock permuted =
          new ParticleBlock(
              1,
              n,
              30,
              d,
              permute(block.particles(), order, d),
              block.references(),
              permute(block.rewardGradients(), order, d));
      Velocities.assertClose(
          Velocities.of(MULTI_SCALE, permuted),
          doubles(permute(Velocities.of(MULTI_SCALE, block), order, d)),
          1e-6);
    }
  }

  @Test
  void shouldNotChangeWhenReferencesArePermuted() {
    Random random = new Random(3);
    ParticleBlock block = Velocities.block(random, 1, 20, 150, 3);
    ParticleBlock permuted =
        new ParticleBlock(
            1,
            20,
            150,
            3,
            block.particles(),
            permute(block.references(), order(random, 150), 3),
            block.rewardGradients());
    Velocities.assertClose(
        Velocities.of(MULTI_SCALE, permuted), doubles(Velocities.of(MULTI_SCALE, block)), 1e-6);
  }

  @Test
  void shouldNotChangeWhenAllIsMoved() {
    Random random = new Random(5);
    ParticleBlock block = Velocities.block(random, 2, 30, 40, 12);
    // By a power of two, of numbers that have room for it, so that nothing is rounded.
    float[] particles = rounded(block.particles());
    float[] references = rounded(block.references());
    float[] here =
        Velocities.of(
            MULTI_SCALE,
            new ParticleBlock(2, 30, 40, 12, particles, references, block.rewardGradients()));
    float[] there =
        Velocities.of(
            MULTI_SCALE,
            new ParticleBlock(
                2, 30, 40, 12, moved(particles), moved(references), block.rewardGradients()));
    assertThat(there).containsExactly(here);
  }

  @Test
  void shouldBeTheGradientOfTheLogDensityWhenOnlyThePriorCounts() {
    for (int seed = 0; seed < 5; seed++) {
      Random random = new Random(seed);
      ParticleBlock block = Velocities.block(random, 2, 6, 25, 3);
      VelocitySettings settings =
          new VelocitySettings(0, List.of(0.7, 2.0), List.of(1.0), FloorMode.NONE, 1);
      float[] scores = new float[block.rows() * 3];
      new SteinVelocity().scores(settings, block, 0, block.rows(), scores);
      for (int i = 0; i < scores.length; i++) {
        float x = block.particles()[i];
        float step = 1e-3f;
        block.particles()[i] = x + step;
        double above = ScalarVelocity.logDensity(settings.kdeBandwidths(), block, i / 3);
        double up = block.particles()[i];
        block.particles()[i] = x - step;
        double below = ScalarVelocity.logDensity(settings.kdeBandwidths(), block, i / 3);
        double down = block.particles()[i];
        block.particles()[i] = x;
        assertThat((double) scores[i])
            .describedAs("seed %d, number %d", seed, i)
            .isCloseTo((above - below) / (up - down), within(2e-4));
      }
    }
  }

  @Test
  void shouldBeTheSameToTheLastBitWhenRowsAreSharded() {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      int contexts = 1 + random.nextInt(4);
      boolean few = seed % 2 == 0;
      int n = 1 + random.nextInt(few ? 8 : 150);
      int d = few ? 32 + random.nextInt(40) : 1 + random.nextInt(9);
      ParticleBlock block = Velocities.block(random, contexts, n, 1 + random.nextInt(150), d);
      int rows = block.rows();
      VelocitySettings settings = few ? MULTI_SCALE.withBandwidth(2 * d) : MULTI_SCALE;
      float[] scores = new float[rows * d];
      float[] velocities = new float[rows * d];
      SteinVelocity shards = new SteinVelocity();
      int[] borders = random.ints(5, 0, rows + 1).sorted().toArray();
      for (int shard = 0; shard <= borders.length; shard++) {
        shards.scores(settings, block, from(borders, shard), to(borders, shard, rows), scores);
      }
      for (int shard = 0; shard <= borders.length; shard++) {
        shards.velocities(
            settings, block, scores, from(borders, shard), to(borders, shard, rows), velocities);
      }
      assertThat(velocities)
          .describedAs("seed %d", seed)
          .containsExactly(Velocities.of(settings, block));
    }
  }

  @Test
  void shouldBeTheSameToTheLastBitWhenThreadsShareTheWork() {
    ExecutorService executor = Executors.newFixedThreadPool(3);
    try {
      SteinVelocity threaded = new SteinVelocity(4, executor);
      int[][] shapes = {
        {1, 1, 1, 1},
        {1, 500, 300, 2},
        {40, 8, 8, 8},
        {3, 100, 7, 5},
        {1, 33, 9, 70},
        {5, 8, 70, 40}
      };
      for (int[] shape : shapes) {
        ParticleBlock block =
            Velocities.block(new Random(1), shape[0], shape[1], shape[2], shape[3]);
        float[] velocities = new float[block.rows() * block.dimensions()];
        threaded.compute(MULTI_SCALE, block, velocities);
        assertThat(velocities)
            .describedAs("shape %s", Arrays.toString(shape))
            .containsExactly(Velocities.of(MULTI_SCALE, block));
      }
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void shouldComputeWithoutHelpWhenTheExecutorRefuses() {
    ParticleBlock block = Velocities.block(new Random(1), 1, 300, 20, 2);
    float[] velocities = new float[600];
    SteinVelocity refused =
        new SteinVelocity(
            4,
            task -> {
              throw new RejectedExecutionException("full");
            });
    refused.compute(MULTI_SCALE, block, velocities);
    assertThat(velocities).containsExactly(Velocities.of(MULTI_SCALE, block));
  }

  @Test
  void shouldBeTheSameToTheLastBitWhenOneInstanceServesManyShapes() {
    SteinVelocity velocity = new SteinVelocity();
    for (int seed = 0; seed < 15; seed++) {
      Random random = new Random(seed);
      int d = 1 + random.nextInt(4);
      ParticleBlock block =
          Velocities.block(random, 1 + random.nextInt(3), 1 + random.nextInt(90), 40, d);
      VelocitySettings settings = seed % 2 == 0 ? MULTI_SCALE : MULTI_SCALE.withBandwidth(seed);
      float[] velocities = new float[block.rows() * d];
      velocity.compute(settings, block, velocities);
      assertThat(velocities)
          .describedAs("seed %d", seed)
          .containsExactly(Velocities.of(settings, block));
    }
  }

  @Test
  void shouldBeTheSameToTheLastBitOnEveryMachine() {
    ParticleBlock block = Velocities.block(new Random(1), 2, 70, 150, 7);
    assertThat(Arrays.hashCode(Velocities.of(MULTI_SCALE, block))).isEqualTo(397929688);
    ParticleBlock few = Velocities.block(new Random(1), 2, 7, 70, 45);
    VelocitySettings wide =
        new VelocitySettings(0.5, List.of(60.0, 90.0), List.of(90.0, 40.0), FloorMode.NONE, 1);
    assertThat(Arrays.hashCode(Velocities.of(wide, few))).isEqualTo(497767954);
  }

  @Test
  void shouldKeepContextsApart() {
    Random random = new Random(9);
    ParticleBlock both = Velocities.block(random, 2, 10, 5, 3);
    ParticleBlock second =
        new ParticleBlock(
            1,
            10,
            5,
            3,
            Arrays.copyOfRange(both.particles(), 30, 60),
            Arrays.copyOfRange(both.references(), 15, 30),
            Arrays.copyOfRange(both.rewardGradients(), 30, 60));
    assertThat(Arrays.copyOfRange(Velocities.of(MULTI_SCALE, both), 30, 60))
        .containsExactly(Velocities.of(MULTI_SCALE, second));
  }

  @Test
  void shouldRefuseWhenAnArrayDoesNotFit() {
    ParticleBlock block = Velocities.block(new Random(1), 2, 3, 4, 5);
    assertThatThrownBy(() -> new SteinVelocity().compute(MULTI_SCALE, block, new float[29]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("velocities of shape (2, 3, 5) cannot have 29 numbers");
    assertThatThrownBy(
            () -> new ParticleBlock(1, 2, 3, 4, new float[8], new float[11], new float[8]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("references of shape (1, 3, 4) cannot have 11 numbers");
  }

  private static int from(int[] borders, int shard) {
    return shard == 0 ? 0 : borders[shard - 1];
  }

  private static int to(int[] borders, int shard, int rows) {
    return shard == borders.length ? rows : borders[shard];
  }

  private static int[] order(Random random, int n) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  private static float[] permute(float[] rows, int[] order, int d) {
    float[] permuted = new float[rows.length];
    for (int i = 0; i < order.length; i++) {
      System.arraycopy(rows, order[i] * d, permuted, i * d, d);
    }
    return permuted;
  }

  private static float[] rounded(float[] numbers) {
    float[] rounded = new float[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      rounded[i] = Math.round(numbers[i] * 0x1p10f) * 0x1p-10f;
    }
    return rounded;
  }

  private static float[] moved(float[] numbers) {
    float[] moved = new float[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      moved[i] = numbers[i] + 0x1p12f;
    }
    return moved;
  }

  private static double[] doubles(float[] numbers) {
    double[] doubles = new double[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      doubles[i] = numbers[i];
    }
    return doubles;
  }
}
