// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import java.util.Optional;
import org.favstream.actors.runtime.Faults;
import org.favstream.protocol.Generation;
import org.favstream.protocol.ScoredGeneration;
import org.favstream.protocol.Tensor;
import org.favstream.reward.model.RewardModel;

/** Scores groups with one reward. Confined to one thread at a time. */
final class GroupScorer implements AutoCloseable {
  private final VersionedReward reward;

  GroupScorer(VersionedReward reward) {
    this.reward = reward;
  }

  /** The group with its rewards, or with the reason why it has none. */
  ScoredGeneration score(Generation group) {
    Tensor particles = group.particles();
    VersionedReward.Current current = reward.current();
    if (!particles.isFinite()) {
      return refused(group, current, "a particle is not finite");
    }
    RewardModel.Block block =
        new RewardModel.Block(
            particles.size(0),
            particles.size(1),
            particles.size(2),
            particles.toArray(),
            group.contexts().map(Tensor::toArray).orElseGet(() -> new float[0]),
            group.noise());
    RewardModel.Rewards rewards;
    try {
      rewards = current.model().evaluate(block);
    } catch (RuntimeException | LinkageError e) {
      return refused(group, current, "the reward failed: " + Faults.describe(e));
    }
    Optional<String> fault = rewards.faultFor(block);
    if (fault.isPresent()) {
      return refused(group, current, fault.get());
    }
    return new ScoredGeneration.Scored(
        group,
        current.version(),
        Tensor.of(new int[] {block.contexts(), block.particles()}, rewards.values()),
        Tensor.of(particles.shape(), rewards.gradients()));
  }

  private static ScoredGeneration refused(
      Generation group, VersionedReward.Current current, String reason) {
    return new ScoredGeneration.Refused(
        group.run(),
        group.id(),
        group.weightsVersion(),
        current.version(),
        current.version() + ": " + reason);
  }

  @Override
  public void close() {
    reward.close();
  }
}
