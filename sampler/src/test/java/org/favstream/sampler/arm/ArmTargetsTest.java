// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.arm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.favstream.sampler.arm.ArmSystem.CONTROL_SECONDS;
import static org.favstream.sampler.arm.ArmSystem.EPISODE_STEPS;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ArmTargetsTest {
  @Test
  void shouldDrawTheSameWhenTheSeedIsTheSame() {
    ArmSystem system = ArmSystem.of("thoughtful-ruddy-butterfly");
    ArmTarget one = ArmTargets.draw(system, 5);
    ArmTarget same = ArmTargets.draw(system, 5);
    ArmTarget other = ArmTargets.draw(system, 6);
    assertThat(same.path()).isEqualTo(one.path());
    assertThat(same.angles()).isEqualTo(one.angles());
    assertThat(other.path()).isNotEqualTo(one.path());
  }

  @Test
  void shouldStayWithinReachOnEverySystem() {
    for (ArmSystem system : ArmSystem.all()) {
      for (long seed = 0; seed < 200; seed++) {
        double[] path = ArmTargets.draw(system, seed).path();
        for (int at = 0; at < path.length; at += 2) {
          assertThat(Math.hypot(path[at], path[at + 1]))
              .describedAs("%s, seed %d, step %d", system, seed, at / 2)
              .isBetween(system.hole() - 0.1 * system.reach() - 1e-9, 1.1 * system.reach() + 1e-9);
        }
      }
    }
  }

  @Test
  void shouldMoveAboutAsFastAndFarAsTheCompetitionsTargets() {
    // Of those of great-* arms: median length 5.5 m, median of the greatest speeds 7.3 m/s.
    ArmSystem system = ArmSystem.of("great-devious-beetle");
    double[] lengths = new double[400];
    double[] speeds = new double[400];
    LongStream.range(0, 400)
        .forEach(
            seed -> {
              double[] path = ArmTargets.draw(system, seed).path();
              double[] steps = new double[EPISODE_STEPS];
              for (int t = 0; t < steps.length; t++) {
                steps[t] =
                    Math.hypot(path[2 * t + 2] - path[2 * t], path[2 * t + 3] - path[2 * t + 1]);
              }
              lengths[(int) seed] = Arrays.stream(steps).sum();
              speeds[(int) seed] = Arrays.stream(steps).max().orElseThrow() / CONTROL_SECONDS;
            });
    Arrays.sort(lengths);
    Arrays.sort(speeds);
    assertThat(lengths[200]).isBetween(4.5, 6.5);
    assertThat(speeds[200]).isBetween(6.5, 8.5);
  }
}
