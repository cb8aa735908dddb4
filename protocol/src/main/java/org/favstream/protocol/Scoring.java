// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

import java.util.Optional;

/**
 * With what a group was scored.
 *
 * @param reward which reward
 * @param activation number of the activation that made it the group's reward; 0: the job's own
 * @param offset of the group on its partition of the topic generations
 * @param blend where the reward comes in gradually
 * @param critic where the reward is made of the job's own (an ensemble, a sum) and that one learns
 *     while the run goes on: its version then
 */
public record Scoring(
    RewardVersion reward,
    long activation,
    long offset,
    Optional<Blend> blend,
    Optional<RewardVersion> critic) {
  public Scoring {
    Fields.notNegative("scoring.activation", activation);
    Fields.notNegative("scoring.offset", offset);
  }

  /**
   * Rewards and gradients are {@code weight · new + (1 - weight) · from}.
   *
   * @param from the reward before
   * @param weight of the new one, in [0, 1)
   */
  public record Blend(RewardVersion from, double weight) {
    public Blend {
      if (!(weight >= 0 && weight < 1)) {
        throw new IllegalArgumentException("blend.weight must be in [0, 1), got " + weight);
      }
    }
  }

  /** By the job's own reward. */
  public static Scoring by(RewardVersion reward) {
    return new Scoring(reward, 0, 0, Optional.empty(), Optional.empty());
  }
}
