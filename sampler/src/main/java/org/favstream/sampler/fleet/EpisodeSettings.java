// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.fleet;

import java.time.Duration;

/**
 * How episodes are run.
 *
 * @param segmentSteps steps that are told of together
 * @param controlPeriod from one action to the next, and how long inference may take; zero for as
 *     fast as possible, without a deadline
 * @param onMissedDeadline what the arm does where inference is late
 */
public record EpisodeSettings(
    int segmentSteps, Duration controlPeriod, OnMissedDeadline onMissedDeadline) {
  private static final int MOST_STEPS = 10_000;

  /** What an arm does without an action. */
  public enum OnMissedDeadline {
    /** The action 0 in every dimension. */
    ZERO,
    /** The action before once more; 0 where there is none. */
    HOLD
  }

  public EpisodeSettings {
    if (segmentSteps < 1 || segmentSteps > MOST_STEPS || controlPeriod.isNegative()) {
      throw new IllegalArgumentException(
          "fleet: segment %d must be 1 to %d, control-period %s not below 0"
              .formatted(segmentSteps, MOST_STEPS, controlPeriod));
    }
  }

  /** Whether an arm waits for its actions. */
  public boolean inRealTime() {
    return !controlPeriod.isZero();
  }
}
