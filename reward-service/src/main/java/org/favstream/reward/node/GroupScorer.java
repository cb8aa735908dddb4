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
    Optional<String> fault = fault(block, rewards);
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

  private static Optional<String> fault(RewardModel.Block block, RewardModel.Rewards rewards) {
    int numbers = block.rows() * block.d();
    if (rewards.values().length != block.rows() || rewards.gradients().length != numbers) {
      return Optional.of(
          "it gave %d rewards and %d gradient numbers, expected %d and %d"
              .formatted(
                  rewards.values().length, rewards.gradients().length, block.rows(), numbers));
    }
    return notFinite("reward", rewards.values(), 1)
        .or(() -> notFinite("gradient", rewards.gradients(), block.d()));
  }

  private static Optional<String> notFinite(String what, float[] numbers, int perParticle) {
    float sum = 0;
    for (float number : numbers) {
      sum += number * 0; // 0, or NaN for ever: no branch a number where all is well
    }
    if (sum == 0) {
      return Optional.empty();
    }
    for (int i = 0; i < numbers.length; i++) {
      if (!Float.isFinite(numbers[i])) {
        return Optional.of(
            "the %s of particle %d is %s".formatted(what, i / perParticle, numbers[i]));
      }
    }
    return Optional.empty();
  }

  @Override
  public void close() {
    reward.close();
  }
}
