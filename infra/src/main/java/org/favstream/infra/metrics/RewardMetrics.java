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
    Family reward = new Family(registry, "favstream_reward");
    this.groups =
        reward.counter("groups", "Groups that were worked on, with those that were refused");
    this.seconds =
        reward.counter(
            "scoring_seconds", "Time that workers spent on them, waiting for a scorer included");
    this.refused =
        reward.counter(
            "refused_groups", "Groups that could not be scored, and are among the dead letters");
    this.waiting =
        reward.gauge("waiting", "Whether groups wait for a reward that is not there at the moment");
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
