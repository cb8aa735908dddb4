// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import java.util.Optional;
import org.favstream.actors.registry.RewardTimeline;
import org.favstream.actors.runtime.Faults;
import org.favstream.protocol.Generation;
import org.favstream.protocol.RewardVersion;
import org.favstream.protocol.ScoredGeneration;
import org.favstream.protocol.Scoring;
import org.favstream.protocol.Tensor;
import org.favstream.reward.model.RewardModel;
import org.favstream.reward.model.RewardModelException;
import org.favstream.reward.model.RewardUnavailableException;

/** Scores groups, each with the reward that is its own. Confined to one thread at a time. */
final class GroupScorer implements AutoCloseable {
  private final VersionedReward rewards;

  GroupScorer(VersionedReward rewards) {
    this.rewards = rewards;
  }

  /**
   * The group with its rewards, or with the reason why it has none.
   *
   * @param partition where it stands on the topic generations
   * @param offset in the partition
   * @param timeline says which reward is its own
   * @throws RewardUnavailableException where its reward is the active one, and not there at the
   *     moment; nobody waits for another one
   */
  ScoredGeneration score(Generation group, int partition, long offset, RewardTimeline timeline) {
    RewardTimeline.Activation activation = timeline.at(partition, offset);
    RewardVersion wanted = activation.reward();
    Tensor particles = group.particles();
    Scoring plain = plain(wanted, activation, offset, Optional.empty());
    boolean awaited = activation.number() == timeline.current().number();
    try {
      VersionedReward.Current current = rewards.current(wanted);
      plain = plain(current.version(), activation, offset, current.critic());
      if (!particles.isFinite()) {
        return refused(group, plain, "a particle is not finite");
      }
      RewardModel.Block block = block(group);
      RewardModel.Rewards scores = evaluate(current, block);
      awaited = false;
      double weight = activation.weight(group.createdAtMillis());
      Optional<RewardTimeline.Activation> before = timeline.before(activation);
      if (weight == 1 || before.isEmpty()) {
        return scored(group, plain, scores);
      }
      VersionedReward.Current from = rewards.current(before.get().reward());
      return scored(
          group,
          new Scoring(
              current.version(),
              activation.number(),
              offset,
              Optional.of(new Scoring.Blend(from.version(), weight)),
              current.critic()),
          mixed(scores, evaluate(from, block), weight));
    } catch (RuntimeException | LinkageError e) {
      boolean unavailable = e instanceof RewardUnavailableException;
      if (unavailable && awaited) {
        throw e;
      }
      String reason =
          unavailable
              ? "%s; it is not waited for, as %s is active by now"
                  .formatted(Faults.describe(e), timeline.current().reward())
              : Faults.describe(e);
      return refused(group, plain, reason);
    }
  }

  private static Scoring plain(
      RewardVersion reward,
      RewardTimeline.Activation activation,
      long offset,
      Optional<RewardVersion> critic) {
    return new Scoring(reward, activation.number(), offset, Optional.empty(), critic);
  }

  /** A group as a model takes it. */
  static RewardModel.Block block(Generation group) {
    Tensor particles = group.particles();
    return new RewardModel.Block(
        particles.size(0),
        particles.size(1),
        particles.size(2),
        particles.toArray(),
        group.contexts().map(Tensor::toArray).orElseGet(() -> new float[0]),
        group.noise());
  }

  /** Its rewards, all of which can be used. */
  private static RewardModel.Rewards evaluate(
      VersionedReward.Current current, RewardModel.Block block) {
    RewardModel.Rewards scores;
    try {
      scores = current.model().evaluate(block);
    } catch (RuntimeException | LinkageError e) {
      throw RewardModelException.of("the reward failed", e);
    }
    return scores.requireUsable(block);
  }

  private static RewardModel.Rewards mixed(
      RewardModel.Rewards next, RewardModel.Rewards from, double weight) {
    return new RewardModel.Rewards(
        mixed(next.values(), from.values(), weight),
        mixed(next.gradients(), from.gradients(), weight));
  }

  private static float[] mixed(float[] next, float[] from, double weight) {
    float[] mixed = new float[next.length];
    for (int i = 0; i < mixed.length; i++) {
      mixed[i] = (float) (weight * next[i] + (1 - weight) * from[i]);
    }
    return mixed;
  }

  private static ScoredGeneration scored(
      Generation group, Scoring scoring, RewardModel.Rewards scores) {
    Tensor particles = group.particles();
    return new ScoredGeneration.Scored(
        group,
        scoring,
        Tensor.of(new int[] {particles.size(0), particles.size(1)}, scores.values()),
        Tensor.of(particles.shape(), scores.gradients()));
  }

  private static ScoredGeneration refused(Generation group, Scoring scoring, String reason) {
    return new ScoredGeneration.Refused(
        group.run(), group.id(), group.weightsVersion(), scoring, scoring.reward() + ": " + reason);
  }

  @Override
  public void close() {
    rewards.close();
  }
}
