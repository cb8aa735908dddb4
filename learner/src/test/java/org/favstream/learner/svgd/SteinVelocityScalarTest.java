// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.svgd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The velocity against the formulas in float64, {@link ScalarVelocity}. */
class SteinVelocityScalarTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 31, 32, 33, 47, 64, 100, 768})
  void shouldAgreeWithTheFormulasWhenSizesAreOdd(int d) {
    for (int seed = 0; seed < 12; seed++) {
      Random random = new Random(1000L * d + seed);
      int contexts = 1 + random.nextInt(3);
      int n = size(random, d);
      int m = size(random, d);
      VelocitySettings settings =
          new VelocitySettings(
              3 * random.nextDouble(),
              bandwidths(random, d),
              bandwidths(random, d),
              FloorMode.NONE,
              random.nextBoolean() ? 1 : 0.5,
              random.nextInt(3) / 2.0,
              random.nextBoolean());
      assertAgrees(settings, Velocities.block(random, contexts, n, m, d), 1e-5);
    }
  }

  @Test
  void shouldAgreeWithTheFormulasWhenParticlesAreFewInManyDimensions() {
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      int d = 32 + random.nextInt(50);
      ParticleBlock block =
          Velocities.block(
              random, 1 + random.nextInt(3), 1 + random.nextInt(10), 1 + random.nextInt(140), d);
      VelocitySettings settings =
          new VelocitySettings(
              2,
              bandwidths(random, d),
              bandwidths(random, d),
              FloorMode.NONE,
              1,
              random.nextInt(3) / 2.0,
              random.nextBoolean());
      assertAgrees(settings, block, 1e-5);
    }
  }

  @ParameterizedTest
  @EnumSource(FloorMode.class)
  void shouldAgreeWithTheFormulasWhenTheMassReachesTheFloor(FloorMode floorMode) {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      int d = 1 + random.nextInt(9);
      // Distances of which the kernels lie on both sides of 1e-6, and clear of float64's underflow.
      ParticleBlock block =
          new ParticleBlock(
              2,
              20,
              15,
              d,
              Velocities.normal(random, 2 * 20 * d, 3, 0),
              Velocities.normal(random, 2 * 15 * d, 1, 1),
              Velocities.normal(random, 2 * 20 * d, 1, 0));
      List<Double> bandwidths =
          seed % 2 == 0 ? List.of(d + 0.5) : List.of(0.5 * d, 2.0 * d, d + 1.);
      assertAgrees(
          new VelocitySettings(0.7, bandwidths, List.of(4.0, 1.0), floorMode, 1), block, 1e-5);
    }
  }

  @Test
  void shouldAgreeWithTheFormulasWhenSumsAreLong() {
    Random random = new Random(7);
    ParticleBlock block = Velocities.block(random, 1, 700, 3000, 2);
    assertAgrees(VelocitySettings.of(1, 0.05), block, 1e-5);
  }

  @Test
  void shouldAgreeWithTheFormulasWhenParticlesAreAlone() {
    // Most of them have no other within the kernel's reach: the density is the particle's own 1/n.
    Random random = new Random(13);
    ParticleBlock block =
        new ParticleBlock(
            1,
            90,
            200,
            3,
            Velocities.normal(random, 90 * 3, 30, 0),
            Velocities.normal(random, 200 * 3, 30, 0),
            Velocities.normal(random, 90 * 3, 1, 0));
    for (double exponent : new double[] {0, 0.5, 1}) {
      for (boolean own : new boolean[] {true, false}) {
        assertAgrees(
            new VelocitySettings(1, List.of(9.0), List.of(1.0), FloorMode.NONE, 1, exponent, own),
            block,
            1e-5);
      }
    }
  }

  @Test
  void shouldStayWhereAParticleIsAloneAndDoesNotCountItself() {
    ParticleBlock block =
        new ParticleBlock(1, 2, 1, 1, new float[] {0, 1000}, new float[] {5}, new float[] {7, 7});
    VelocitySettings settings =
        new VelocitySettings(1, List.of(1.0), List.of(1.0, 3.0), FloorMode.NONE, 1, 1, false);
    Velocities.assertClose(Velocities.of(settings, block), new double[2], 1e-6);
  }

  @Test
  void shouldPullToTheNearestReferencesWhenParticlesAreFar() {
    for (double distance : new double[] {1e2, 1e4, 1e6}) {
      Random random = new Random(11);
      ParticleBlock block =
          new ParticleBlock(
              1,
              40,
              30,
              2,
              Velocities.normal(random, 40 * 2, distance, 0),
              Velocities.normal(random, 30 * 2, 1, 0),
              Velocities.normal(random, 40 * 2, 1, 0));
      VelocitySettings settings =
          new VelocitySettings(1, List.of(0.05, 0.4), List.of(0.05), FloorMode.NONE, 1);
      // A float cannot tell which of two references is the nearer if they are equally far to its
      // last digit; a pull to the one or the other differs by no more than the references do.
      float[] actual = Velocities.of(settings, block);
      double[] expected = ScalarVelocity.velocities(settings, block);
      Velocities.assertClose(actual, expected, Math.max(1e-5, 10 / distance));
    }
  }

  @Test
  void shouldStayWhenAParticleSitsOnAReference() {
    ParticleBlock block =
        new ParticleBlock(
            1, 1, 2, 2, new float[] {1e4f, -3}, new float[] {1e4f, -3, -1e4f, 7}, new float[2]);
    Velocities.assertClose(
        Velocities.of(VelocitySettings.of(1, 1e-3), block), new double[2], 1e-20);
  }

  @Test
  void shouldEndWhenNumbersAreNotFinite() {
    for (float odd : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.MAX_VALUE}) {
      ParticleBlock block = Velocities.block(new Random(1), 2, 40, 70, 5);
      block.particles()[123] = odd;
      assertThat(Velocities.of(VelocitySettings.of(1, 1), block)).hasSize(2 * 40 * 5);
    }
  }

  @Test
  void shouldShowNotANumberWhenAParticleIsNotANumber() {
    ParticleBlock block = Velocities.block(new Random(1), 1, 40, 70, 5);
    block.particles()[3 * 5 + 2] = Float.NaN;
    assertThat(Velocities.of(VelocitySettings.of(1, 1), block)[3 * 5 + 2]).isNaN();
  }

  private static int size(Random random, int d) {
    // 1, the tails around the block and the tiles of any vector width, and in between.
    int[] sizes = {1, 2, 3, 7, 15, 17, 31, 33, 63, 65, 129};
    int largest = d > 64 ? 8 : sizes.length;
    return random.nextInt(4) == 0
        ? 1 + random.nextInt(d > 64 ? 40 : 200)
        : sizes[random.nextInt(largest)];
  }

  private static List<Double> bandwidths(Random random, int d) {
    List<Double> bandwidths = new ArrayList<>();
    for (int t = random.nextInt(3); t >= 0; t--) {
      bandwidths.add(d * Math.exp(2 * random.nextDouble() - 1));
    }
    return bandwidths;
  }

  private static void assertAgrees(
      VelocitySettings settings, ParticleBlock block, double tolerance) {
    Velocities.assertClose(
        Velocities.of(settings, block), ScalarVelocity.velocities(settings, block), tolerance);
  }
}
