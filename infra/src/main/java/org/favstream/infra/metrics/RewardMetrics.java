// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;
import org.favstream.reward.node.RewardEvent;

/** Of the reward node of a process. */
final class RewardMetrics {
  private final Counter groups;
  private final Counter seconds;
  private final Counter refused;
  private final Gauge waiting;

  RewardMetrics(PrometheusRegistry registry) {
    this.groups =
        Counter.builder()
            .name("favstream_reward_groups_total")
            .help("Groups that were worked on, with those that were refused")
            .register(registry);
    this.seconds =
        Counter.builder()
            .name("favstream_reward_scoring_seconds_total")
            .help("Time that workers spent on them, waiting for a scorer included")
            .unit(Unit.SECONDS)
            .register(registry);
    this.refused =
        Counter.builder()
            .name("favstream_reward_refused_groups_total")
            .help("Groups that could not be scored, and are among the dead letters")
            .register(registry);
    this.waiting =
        Gauge.builder()
            .name("favstream_reward_waiting")
            .help("Whether groups wait for a reward that is not there at the moment")
            .register(registry);
  }

  void on(RewardEvent event) {
    if (event instanceof RewardEvent.Scored scored) {
      groups.inc(scored.groups());
      seconds.inc(Unit.nanosToSeconds(scored.spent().toNanos()));
    } else if (event instanceof RewardEvent.Refused) {
      refused.inc();
    } else if (event instanceof RewardEvent.Waiting) {
      waiting.set(1);
    } else if (event instanceof RewardEvent.GoesOn) {
      waiting.set(0);
    }
  }
}
