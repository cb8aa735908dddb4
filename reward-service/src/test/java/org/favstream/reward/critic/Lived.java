// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.critic;

import org.favstream.sampler.environment.TransitionSet;

/** Transitions by hand: observations of 2 numbers, actions of 1. */
final class Lived {
  static final String TASK = "pendulum";

  private Lived() {}

  /** Transitions whose numbers all tell their index. */
  static TransitionSet numbered(int first, int count) {
    float[] observations = new float[2 * count];
    float[] actions = new float[count];
    float[] rewards = new float[count];
    float[] next = new float[2 * count];
    boolean[] terminated = new boolean[count];
    boolean[] truncated = new boolean[count];
    for (int i = 0; i < count; i++) {
      int number = first + i;
      observations[2 * i] = number;
      observations[2 * i + 1] = -number;
      actions[i] = number / 10_000f;
      rewards[i] = 10 * number;
      next[2 * i] = number + 0.5f;
      next[2 * i + 1] = -number - 0.5f;
      terminated[i] = number % 3 == 0;
      truncated[i] = number % 3 == 1;
    }
    return new TransitionSet(
        TASK, 2, 1, observations, actions, rewards, next, terminated, truncated);
  }

  /** One transition. */
  static TransitionSet one(
      String task, float observation, float action, float reward, float nextObservation) {
    return new TransitionSet(
        task,
        1,
        1,
        new float[] {observation},
        new float[] {action},
        new float[] {reward},
        new float[] {nextObservation},
        new boolean[1],
        new boolean[1]);
  }
}
