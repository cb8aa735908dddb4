// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PointMassTest {
  private final PointMass points = new PointMass(2);

  @Test
  void shouldMoveByItsActionClippedToTheBounds() {
    float[] first = points.reset(0, 1);
    points.reset(1, 2);
    Environment.Step step = points.step(new float[] {5, 0});
    float velocity = first[1] + 0.1f;
    float position = first[0] + 0.1f * velocity;
    assertThat(step.observations()).startsWith(position, velocity);
    assertThat(step.rewards()[0]).isCloseTo(-position * position - 0.01f, within(1e-6f));
  }

  @Test
  void shouldEndWhereItLeaves() {
    Environment.Step step = untilAnEnd(1, 0);
    assertThat(step.terminated()).containsExactly(true, false);
    assertThat(step.truncated()).containsExactly(false, false);
    assertThatThrownBy(() -> points.step(new float[2]))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("not reset");
  }

  @Test
  void shouldBeCutAfterAHundredSteps() {
    points.reset(0, 1);
    points.reset(1, 2);
    for (int i = 1; i < 100; i++) {
      // Back and forth, so that it stays.
      float push = i % 2 == 0 ? 0.1f : -0.1f;
      assertThat(points.step(new float[] {push, push}).ended(0)).isFalse();
    }
    Environment.Step last = points.step(new float[2]);
    assertThat(last.truncated()).containsExactly(true, true);
    assertThat(last.terminated()).containsExactly(false, false);
  }

  private Environment.Step untilAnEnd(float... actions) {
    points.reset(0, 1);
    points.reset(1, 2);
    Environment.Step step = points.step(actions);
    while (!step.ended(0)) {
      step = points.step(actions);
    }
    return step;
  }
}
