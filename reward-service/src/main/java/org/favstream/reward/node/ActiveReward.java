// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import java.time.Duration;
import java.util.Optional;
import org.favstream.actors.registry.RewardTimeline;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.protocol.RewardDefinition;
import org.favstream.protocol.RewardVersion;
import org.favstream.reward.model.RewardModel;
import org.favstream.reward.registry.RefusedException;
import org.jspecify.annotations.Nullable;

/** Whatever reward is active, for one who asks now and then. Confined to one thread at a time. */
public final class ActiveReward implements AutoCloseable {
  private final LiveRegistry registry;
  private final RewardJob job;
  private @Nullable RewardSource source;
  private @Nullable VersionedReward rewards;

  /**
   * Begins to follow the registry; no model is made before it is asked for.
   *
   * @param nodeName who follows
   */
  public ActiveReward(NodeContext node, String nodeName, RewardJob job) {
    this.registry = new LiveRegistry(node, nodeName, job.own());
    this.job = job;
  }

  /**
   * The activation that is in force.
   *
   * @throws IllegalStateException where the log does not say it
   */
  public RewardTimeline.Activation activation() {
    return timeline().current();
  }

  /**
   * All activations so far.
   *
   * @throws IllegalStateException where the log does not say them
   */
  public RewardTimeline timeline() {
    try {
      return registry.get().timeline();
    } catch (RefusedException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  /**
   * Waits until a model can be asked for without waiting, as before the first critic of a policy.
   *
   * @param most for so long
   * @return whether one can
   */
  public boolean await(Duration most) {
    return source().await(most);
  }

  /**
   * The model of an activation, until it is asked for another one or this is closed; waits for the
   * first critic, where it needs one.
   */
  public RewardModel model(RewardTimeline.Activation activation) {
    VersionedReward known = rewards;
    if (known == null) {
      known = source().open(this::definition);
      rewards = known;
    }
    return known.current(activation.reward()).model();
  }

  private RewardSource source() {
    RewardSource known = source;
    if (known == null) {
      known = job.rewards().get();
      source = known;
    }
    return known;
  }

  private Optional<RewardDefinition> definition(RewardVersion reward) {
    return registry.known().definition(reward);
  }

  @Override
  public void close() {
    if (rewards != null) {
      rewards.close();
    }
    if (source != null) {
      source.close();
    }
    registry.close();
  }
}
