// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import org.favstream.reward.node.CriticEvent;

/** Of the critics' trainer. */
final class CriticMetrics {
  private final Gauge version;
  private final Gauge updates;
  private final Gauge loss;
  private final Gauge value;
  private final Gauge transitions;
  private final Counter refused;

  CriticMetrics(PrometheusRegistry registry) {
    Family critic = new Family(registry, "favstream_critic");
    this.version = critic.gauge("version", "Version of the critics that was published last");
    this.updates = critic.gauge("updates", "Updates behind it");
    this.loss = critic.gauge("loss", "Loss of the last update");
    this.value = critic.gauge("value", "Mean value of the last update's states and actions");
    this.transitions = critic.gauge("transitions", "Transitions in the replay buffer");
    this.refused =
        critic.counter(
            "refused_transitions",
            "Records of transitions that were not taken, and are among the dead letters");
  }

  void on(CriticEvent event) {
    if (event instanceof CriticEvent.Published published) {
      version.set(published.version());
      updates.set(published.updates());
      loss.set(published.outcome().loss());
      value.set(published.outcome().meanValue());
      transitions.set(published.transitions());
    } else if (event instanceof CriticEvent.Refused) {
      refused.inc();
    }
  }
}
