// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.arm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.favstream.sampler.noise.SplitMix;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Physics that any arm obeys, on one of two links and one of three. */
class ArmDynamicsTest {
  private static final double[] LENGTHS = {2, 1, .7};
  private static final double[] MASSES = {1.041, 1.533, .8};
  private static final double[] INERTIAS = {.553, .907, .4};

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void shouldConserveEnergyWithoutFrictionAndTorque(int links) {
    double[] drift = new double[2];
    for (int halving = 0; halving < 2; halving++) {
      ArmDynamics arm = arm(links, 0);
      Motion motion = new Motion(links, 3);
      double before = energy(motion);
      arm.advance(motion.angles, motion.speeds, 0, new double[links], 1, 200 << halving);
      drift[halving] = Math.abs(energy(motion) - before);
      assertThat(drift[halving]).isLessThan(1e-3 * before);
    }
    assertThat(drift[0] / drift[1]).describedAs("gained by half the step").isGreaterThan(12);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void shouldLoseToFrictionWhatItsPowerSays(int links) {
    ArmDynamics arm = arm(links, 2);
    Motion motion = new Motion(links, 4);
    double before = energy(motion);
    double lost = 0;
    int steps = 20_000;
    for (int n = 0; n < steps; n++) {
      double squares = 0.5 * squares(motion.speeds);
      arm.advance(motion.angles, motion.speeds, 0, new double[links], 1.0 / steps, 1);
      lost += 2 * (squares + 0.5 * squares(motion.speeds)) / steps;
    }
    assertThat(before - energy(motion)).isCloseTo(lost, within(1e-5 * lost));
  }

  private static double squares(double[] numbers) {
    return Arrays.stream(numbers).map(number -> number * number).sum();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void shouldHaveAMassMatrixThatIsSymmetricAndCarriesTheKineticEnergy(int links) {
    ArmDynamics arm = arm(links, 0);
    for (int n = 0; n < 50; n++) {
      Motion motion = new Motion(links, n);
      double[][] mass = massMatrix(arm, motion);
      double kinetic = 0;
      for (int i = 0; i < links; i++) {
        for (int j = 0; j < links; j++) {
          assertThat(mass[i][j]).isCloseTo(mass[j][i], within(1e-12));
          kinetic += 0.5 * mass[i][j] * motion.speeds[i] * motion.speeds[j];
        }
      }
      assertThat(kinetic).isPositive().isCloseTo(kinetic(motion), within(1e-9 * kinetic));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void shouldAccelerateAsTheTorqueWasMadeFor(int links) {
    ArmDynamics arm = arm(links, 2);
    for (int n = 0; n < 50; n++) {
      Motion motion = new Motion(links, n);
      double[] wanted = new Motion(links, 1000 + n).speeds;
      double[] torque = new double[links];
      double[] got = new double[links];
      arm.torqueFor(motion.sines(), motion.cosines(), motion.speeds, wanted, torque);
      arm.accelerate(motion.sines(), motion.cosines(), motion.speeds, torque, got);
      for (int i = 0; i < links; i++) {
        assertThat(got[i]).isCloseTo(wanted[i], within(1e-10));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void shouldStandStillWhereGravityIsBalanced(int links) {
    ArmDynamics arm = arm(links, 2);
    Motion hanging = new Motion(links, 0);
    Arrays.fill(hanging.angles, -Math.PI / 2);
    Arrays.fill(hanging.speeds, 0);
    arm.advance(hanging.angles, hanging.speeds, 0, new double[links], 1, 100);
    assertThat(hanging.angles).containsOnly(new double[] {-Math.PI / 2}, within(1e-12));

    Motion held = new Motion(links, 5);
    Arrays.fill(held.speeds, 0);
    double[] before = held.angles.clone();
    double[] torque = new double[links];
    arm.torqueFor(held.sines(), held.cosines(), held.speeds, new double[links], torque);
    arm.advance(held.angles, held.speeds, 0, torque, 0.1, 10);
    assertThat(held.angles).containsExactly(before, within(1e-12));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void shouldConvergeByTheFourthOrder(int links) {
    double coarse = 0;
    double fine = 0;
    for (int n = 0; n < 20; n++) {
      double[] exact = anglesAfter(links, n, 6400);
      coarse += distance(anglesAfter(links, n, 100), exact);
      fine += distance(anglesAfter(links, n, 200), exact);
    }
    assertThat(coarse / fine).isBetween(13.0, 19.0);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void shouldTurnFarInAStepAsWellAsInManySmallOnes(int links) {
    // Beyond the series: no gravity to speak of at this speed, so that the links coast.
    Motion motion = new Motion(links, 7);
    Arrays.fill(motion.speeds, 500);
    Arrays.fill(motion.angles, 1);
    double before = kinetic(motion);
    arm(links, 0).advance(motion.angles, motion.speeds, 0, new double[links], 0.01, 10);
    assertThat(motion.angles).containsOnly(new double[] {1 + 5}, within(0.01));
    assertThat(kinetic(motion)).isCloseTo(before, within(1e-3 * before));
  }

  private static double[] anglesAfter(int links, int start, int steps) {
    Motion motion = new Motion(links, start);
    double[] torque = new double[links];
    torque[0] = 30;
    arm(links, 2).advance(motion.angles, motion.speeds, 0, torque, 0.5, steps);
    return motion.angles;
  }

  private static double distance(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += Math.abs(a[i] - b[i]);
    }
    return sum;
  }

  private static ArmDynamics arm(int links, double friction) {
    double[] matrix = new double[links * links];
    for (int i = 0; i < links; i++) {
      matrix[i * links + i] = friction;
    }
    return ArmDynamics.of(
        Arrays.copyOf(LENGTHS, links),
        Arrays.copyOf(MASSES, links),
        Arrays.copyOf(INERTIAS, links),
        matrix);
  }

  private static double[][] massMatrix(ArmDynamics arm, Motion motion) {
    int links = arm.links;
    double[] still = new double[links];
    double[] gravity = new double[links];
    arm.torqueFor(motion.sines(), motion.cosines(), still, still, gravity);
    double[][] columns = new double[links][links];
    for (int j = 0; j < links; j++) {
      double[] unit = new double[links];
      unit[j] = 1;
      arm.torqueFor(motion.sines(), motion.cosines(), still, unit, columns[j]);
      for (int i = 0; i < links; i++) {
        columns[j][i] -= gravity[i];
      }
    }
    return columns;
  }

  /** Kinetic energy, from the velocities of the centres of mass. */
  private static double kinetic(Motion motion) {
    double jointX = 0;
    double jointY = 0;
    double energy = 0;
    for (int i = 0; i < motion.angles.length; i++) {
      double half = LENGTHS[i] / 2 * motion.speeds[i];
      double x = jointX - half * Math.sin(motion.angles[i]);
      double y = jointY + half * Math.cos(motion.angles[i]);
      energy +=
          0.5 * MASSES[i] * (x * x + y * y)
              + 0.5 * INERTIAS[i] * motion.speeds[i] * motion.speeds[i];
      jointX -= 2 * half * Math.sin(motion.angles[i]);
      jointY += 2 * half * Math.cos(motion.angles[i]);
    }
    return energy;
  }

  private static double energy(Motion motion) {
    double height = 0;
    double potential = 0;
    for (int i = 0; i < motion.angles.length; i++) {
      double rise = LENGTHS[i] * Math.sin(motion.angles[i]);
      potential += 9.81 * MASSES[i] * (height + rise / 2);
      height += rise;
    }
    return kinetic(motion) + potential;
  }

  /** Angles and speeds, drawn. */
  private static final class Motion {
    final double[] angles;
    final double[] speeds;

    Motion(int links, long seed) {
      SplitMix random = new SplitMix(22, seed);
      angles = new double[links];
      speeds = new double[links];
      for (int i = 0; i < links; i++) {
        angles[i] = 3 * random.normal();
        speeds[i] = 4 * random.normal();
      }
    }

    double[] sines() {
      return Arrays.stream(angles).map(Math::sin).toArray();
    }

    double[] cosines() {
      return Arrays.stream(angles).map(Math::cos).toArray();
    }
  }
}
