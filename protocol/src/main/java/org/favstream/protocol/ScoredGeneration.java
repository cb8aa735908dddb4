// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

/**
 * What a reward actor makes of a group: {@link Scored}, or {@link Refused} where it could not. Both
 * go to the learner, which thereby knows that nothing is missing.
 */
public sealed interface ScoredGeneration {

  /** The group's name. */
  GroupId id();

  /** The weights version that made the group. */
  long weightsVersion();

  /** With what it was scored. */
  Scoring scoring();

  /** The reward that was asked. */
  default RewardVersion reward() {
    return scoring().reward();
  }

  /**
   * A group with its rewards; self-contained, so that the learner joins nothing.
   *
   * @param generation the group
   * @param scoring with what it was scored
   * @param rewards {@code (contexts, particles)}
   * @param gradients {@code (contexts, particles, d)}: the reward's gradient in the particle
   */
  record Scored(Generation generation, Scoring scoring, Tensor rewards, Tensor gradients)
      implements ScoredGeneration {
    public Scored {
      Tensor particles = generation.particles();
      if (!rewards.hasShape(particles.size(0), particles.size(1))) {
        throw new IllegalArgumentException("rewards: got %s for %s".formatted(rewards, particles));
      }
      if (!gradients.hasShape(particles.shape())) {
        throw new IllegalArgumentException(
            "gradients: got %s for %s".formatted(gradients, particles));
      }
    }

    @Override
    public GroupId id() {
      return generation.id();
    }

    @Override
    public long weightsVersion() {
      return generation.weightsVersion();
    }
  }

  /**
   * A group that got no usable reward.
   *
   * @param run the run's id
   * @param scoring with what it was to be scored
   * @param reason what was wrong, for people
   */
  record Refused(String run, GroupId id, long weightsVersion, Scoring scoring, String reason)
      implements ScoredGeneration {
    public Refused {
      Fields.notBlank("run", run);
      Fields.notBlank("reason", reason);
    }
  }
}
