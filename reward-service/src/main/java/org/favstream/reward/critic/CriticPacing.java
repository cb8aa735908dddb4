// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.critic;

import java.time.Duration;
import java.time.Instant;

/**
 * How far the critics may be ahead of the policy: each update sends out one batch of states, of
 * which the learner makes a group, so as many updates are due as groups were trained, and a few
 * more are under way. States may be lost on their way (a sampler that dies takes some with it), and
 * a learner may fall back to a checkpoint: where nothing comes of what is under way, it is counted
 * as lost after a while.
 */
public final class CriticPacing {
  private final int updatesPerStep;
  private final long underWay;
  private final Duration patience;
  private long updatesAtBase;
  private long stepAtBase = -1;
  private long step = -1;
  private Instant lastProgress = Instant.MIN;

  /**
   * A pacing that waits for a policy.
   *
   * @param updatesPerStep groups a learner step
   * @param underWay how many updates may be ahead
   * @param patience after how long without a step what is under way counts as lost
   */
  public CriticPacing(int updatesPerStep, long underWay, Duration patience) {
    if (updatesPerStep < 1 || underWay < 1) {
      throw new IllegalArgumentException(
          "a pacing of %d updates a step, %d ahead: expected at least 1 of both"
              .formatted(updatesPerStep, underWay));
    }
    this.updatesPerStep = updatesPerStep;
    this.underWay = underWay;
    this.patience = patience;
  }

  /**
   * The policy's weights are of this learner step.
   *
   * @param updates done so far
   */
  public void onPolicy(long step, long updates, Instant now) {
    if (stepAtBase < 0 || step < this.step) {
      stepAtBase = step;
      updatesAtBase = updates;
    }
    if (step != this.step) {
      lastProgress = now;
    }
    this.step = step;
  }

  /**
   * Whether another update is due.
   *
   * @param updates done so far
   */
  public boolean mayUpdate(long updates, Instant now) {
    if (step < 0) {
      return false;
    }
    long allowed = updatesAtBase + (step - stepAtBase) * updatesPerStep + underWay;
    if (updates >= allowed && lastProgress.plus(patience).isBefore(now)) {
      updatesAtBase = updates;
      stepAtBase = step;
      lastProgress = now;
      return true;
    }
    return updates < allowed;
  }
}
