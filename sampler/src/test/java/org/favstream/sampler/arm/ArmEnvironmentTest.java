// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.arm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.favstream.sampler.environment.Environment.Step;
import org.favstream.sampler.noise.SplitMix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArmEnvironmentTest {
  private static final ArmSystem BEETLE = ArmSystem.of("great-devious-beetle");

  @ParameterizedTest
  @ValueSource(strings = {"rebel-wine-beetle", "talented-steel-butterfly"})
  void shouldDoInABatchWhatItDoesAlone(String name) {
    ArmSystem system = ArmSystem.of(name);
    int copies = 3;
    int size = ArmEnvironment.observationSize(system);
    try (ArmEnvironment batch = new ArmEnvironment(system, copies, 4)) {
      for (int copy = 0; copy < copies; copy++) {
        batch.reset(copy, 10 + copy);
      }
      float[][] rewards = new float[ArmSystem.EPISODE_STEPS][];
      float[] last = new float[0];
      for (int t = 0; t < rewards.length; t++) {
        Step step = batch.step(actions(system, copies, t));
        rewards[t] = step.rewards();
        last = step.observations();
      }
      for (int copy = 0; copy < copies; copy++) {
        try (ArmEnvironment alone = new ArmEnvironment(system, 1, 4)) {
          alone.reset(0, 10 + copy);
          int a = system.controls();
          for (int t = 0; t < rewards.length; t++) {
            float[] all = actions(system, copies, t);
            Step step = alone.step(Arrays.copyOfRange(all, copy * a, (copy + 1) * a));
            assertThat(step.rewards()[0]).isEqualTo(rewards[t][copy]);
            if (t == rewards.length - 1) {
              assertThat(step.observations())
                  .isEqualTo(Arrays.copyOfRange(last, copy * size, (copy + 1) * size));
            }
          }
        }
      }
    }
  }

  private static float[] actions(ArmSystem system, int copies, int t) {
    SplitMix random = new SplitMix(23, t);
    float[] actions = new float[copies * system.controls()];
    for (int i = 0; i < actions.length; i++) {
      actions[i] = (float) (0.5 * random.normal());
    }
    return actions;
  }

  @Test
  void shouldTruncateAfterTwoSecondsAndNeverTerminate() {
    try (ArmEnvironment arm = new ArmEnvironment(BEETLE, 1, 2)) {
      arm.reset(0, 1);
      for (int t = 1; t <= 200; t++) {
        Step step = arm.step(new float[2]);
        assertThat(step.terminated()[0]).isFalse();
        assertThat(step.truncated()[0]).isEqualTo(t == 200);
      }
      assertThatIllegalStateException()
          .isThrownBy(() -> arm.step(new float[2]))
          .withMessage("arm great-devious-beetle: copy 0 was not reset");
      arm.reset(0, 2);
      assertThat(arm.step(new float[2]).truncated()[0]).isFalse();
    }
  }

  @Test
  void shouldShowLinksAndWhatLacks() {
    // Link 0 to the right, link 1 up; the target goes up by 1 cm a step.
    double[] path = new double[2 * (ArmSystem.EPISODE_STEPS + 1)];
    for (int t = 0; t <= ArmSystem.EPISODE_STEPS; t++) {
      path[2 * t] = 1.5;
      path[2 * t + 1] = 1.5 + 0.01 * t;
    }
    ArmTarget target = new ArmTarget(new double[] {0, Math.PI / 2}, path);
    try (ArmEnvironment arm = new ArmEnvironment(BEETLE, 1, 2)) {
      assertThat(arm.reset(0, target))
          .containsExactly(new float[] {1, 0, 0, 0, 0, 1, 0, 0, 0, 0.02f, 0, 0.2f}, within(1e-6f));
      Step step = arm.step(new float[] {1, -0.5f});
      double[] end = new double[2];
      arm.writeEnd(0, end, 0);
      double lackX = 1.5 - end[0];
      double lackY = 1.51 - end[1];
      assertThat(step.rewards()[0])
          .isCloseTo(
              (float)
                  -(ArmEnvironment.errorCost(lackX * lackX + lackY * lackY)
                      + ArmEnvironment.ACTION_WEIGHT * (1 + 0.25)),
              within(1e-6f));
      float[] seen = step.observations();
      assertThat(seen[8]).isCloseTo((float) (lackX / 0.5), within(1e-6f));
      assertThat(seen[9]).isCloseTo((float) ((lackY + 0.01) / 0.5), within(1e-6f));
      // The end effector's velocity is the sum of the links', and what the target's is lacking.
      assertThat(seen[10]).isCloseTo(-(seen[2] + seen[6]), within(1e-6f));
      assertThat(seen[11]).isCloseTo(0.2f - (seen[3] + seen[7]), within(1e-6f));
    }
  }

  @Test
  void shouldCountErrorsBySquareNearTheTargetAndBySizeFarFromIt() {
    assertThat(ArmEnvironment.errorCost(0)).isZero();
    assertThat(ArmEnvironment.errorCost(1e-4)).isCloseTo(1e-4, within(1e-7));
    // 2c² (√(1 + 1/c²) - 1) with c = 0.3
    assertThat(ArmEnvironment.errorCost(1)).isCloseTo(0.446418, within(1e-6));
    double between = ArmEnvironment.errorCost(36) - ArmEnvironment.errorCost(25);
    assertThat(between).isCloseTo(2 * 0.3, within(1e-3));
  }

  @Test
  void shouldBeginWhereTheTargetDoesAndAtRest() {
    for (ArmSystem system : ArmSystem.all()) {
      try (ArmEnvironment arm = new ArmEnvironment(system, 1, 2)) {
        for (long seed = 0; seed < 50; seed++) {
          ArmTarget target = ArmTargets.draw(system, seed);
          arm.reset(0, seed);
          double[] end = new double[2];
          arm.writeEnd(0, end, 0);
          assertThat(end)
              .describedAs("%s, seed %d", system, seed)
              .containsExactly(Arrays.copyOf(target.path(), 2), within(1e-12));
        }
      }
    }
  }

  @Test
  void shouldClipActions() {
    try (ArmEnvironment arm = new ArmEnvironment(BEETLE, 2, 2)) {
      arm.reset(0, 1);
      arm.reset(1, 1);
      Step step = arm.step(new float[] {1, -1, 7, -9});
      assertThat(step.rewards()[0]).isEqualTo(step.rewards()[1]);
    }
  }

  @Test
  void shouldGoOnWithSoundNumbersWhenTheIntegrationFails() {
    ArmSystem system = ArmSystem.of("thoughtful-steel-butterfly");
    try (ArmEnvironment arm = new ArmEnvironment(system, 1, 1)) {
      arm.reset(0, 26); // the fastest arm, as coarse as can be

      boolean putBack = false;
      for (int t = 0; t < 200; t++) {
        Step step = arm.step(new float[] {-1, -1, -1});
        assertThat(step.rewards()[0]).isFinite();
        for (float number : step.observations()) {
          assertThat(number).isFinite();
        }
        putBack |= t > 0 && step.observations()[2] == 0 && step.observations()[3] == 0;
      }
      assertThat(putBack).describedAs("the case happened").isTrue();
    }
  }

  @Test
  void shouldNameWhatItCannotUse() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ArmEnvironment(BEETLE, 1, 0))
        .withMessage("arm great-devious-beetle: substeps 0, expected 1 to 100");
    assertThatIllegalArgumentException().isThrownBy(() -> new ArmEnvironment(BEETLE, 0, 2));
    try (ArmEnvironment arm = new ArmEnvironment(BEETLE, 1, 2)) {
      arm.reset(0, 1);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> arm.step(new float[3]))
          .withMessage("arm great-devious-beetle: 3 numbers of actions, expected 1 copies of 2");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> arm.step(new float[] {0, Float.NaN}))
          .withMessage("arm great-devious-beetle: action 1 of copy 0 is NaN");
      ArmTarget other = ArmTargets.draw(ArmSystem.of("talented-steel-butterfly"), 1);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> arm.reset(0, other))
          .withMessage("a target of 3 links for arm great-devious-beetle, which has 2");
    }
  }
}
