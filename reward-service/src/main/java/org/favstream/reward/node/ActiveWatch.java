// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import java.util.Map;
import org.favstream.actors.registry.RewardTimeline;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.reward.evaluation.GoldWatch;
import org.favstream.reward.registry.RefusedException;
import org.favstream.sampler.generator.LoadedGenerator;

/** Watches whatever reward is active. Confined to one thread at a time. */
final class ActiveWatch implements AutoCloseable {
  private final LiveRegistry registry;
  private final RewardSource source;
  private final VersionedReward rewards;
  private final GoldWatch watch;

  ActiveWatch(NodeContext node, String nodeName, WatchJob job) {
    this.watch = job.watch().get();
    this.registry = new LiveRegistry(node, nodeName, job.own());
    this.source = job.rewards().get();
    this.rewards = source.open(version -> registry.known().definition(version));
  }

  /**
   * The metrics of section {@code watch}.
   *
   * @throws IllegalStateException where the log does not say which reward is active
   */
  Map<String, Double> measure(LoadedGenerator generator) {
    RewardTimeline.Activation active;
    try {
      active = registry.get().timeline().current();
    } catch (RefusedException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
    return watch.measure(generator, rewards.current(active.reward()).model(), active.number());
  }

  @Override
  public void close() {
    rewards.close();
    source.close();
    registry.close();
    watch.close();
  }
}
