// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.environment;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The smallest environment: a point on a line is pushed to the origin. For trying out a policy or a
 * connection.
 *
 * <p>An observation is position and velocity, an action the acceleration; both are integrated with
 * a time step of 0.1 (semi-implicit Euler). The reward is {@code -position² - 0.01 action²}. An
 * episode is cut after 100 steps, and ends where the point leaves {@code [-3, 3]}.
 */
public final class PointMass implements Environment {
  private static final float TIME_STEP = 0.1f;
  private static final float CONTROL_COST = 0.01f;
  private static final float EDGE = 3;
  private static final int EPISODE_STEPS = 100;

  private final Spec spec;
  private final float[] positions;
  private final float[] velocities;

  /** Steps that each copy may still take; 0 where it waits for a reset. */
  private final int[] left;

  /** Points that wait for their first reset. */
  public PointMass(int copies) {
    spec = new Spec("point-mass", 2, 1, copies);
    positions = new float[copies];
    velocities = new float[copies];
    left = new int[copies];
  }

  @Override
  public Spec spec() {
    return spec;
  }

  @Override
  public float[] reset(int copy, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    positions[copy] = (float) random.nextDouble(-1, 1);
    velocities[copy] = (float) random.nextDouble(-0.1, 0.1);
    left[copy] = EPISODE_STEPS;
    return new float[] {positions[copy], velocities[copy]};
  }

  @Override
  public Step step(float[] actions) {
    int copies = spec.copies();
    if (Arrays.stream(left).anyMatch(steps -> steps == 0)) {
      throw new IllegalStateException("point-mass: a copy whose episode is over was not reset");
    }
    float[] observations = new float[2 * copies];
    float[] rewards = new float[copies];
    boolean[] terminated = new boolean[copies];
    boolean[] truncated = new boolean[copies];
    for (int copy = 0; copy < copies; copy++) {
      float action = Math.max(-1, Math.min(1, actions[copy]));
      velocities[copy] += TIME_STEP * action;
      positions[copy] += TIME_STEP * velocities[copy];
      observations[2 * copy] = positions[copy];
      observations[2 * copy + 1] = velocities[copy];
      rewards[copy] = -positions[copy] * positions[copy] - CONTROL_COST * action * action;
      terminated[copy] = Math.abs(positions[copy]) > EDGE;
      left[copy]--;
      truncated[copy] = left[copy] == 0 && !terminated[copy];
      if (terminated[copy]) {
        left[copy] = 0;
      }
    }
    return new Step(observations, rewards, terminated, truncated);
  }

  @Override
  public void close() {}
}
