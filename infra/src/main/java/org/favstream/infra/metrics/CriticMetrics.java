// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import org.favstream.reward.node.CriticEvent;

/** Of the critics' trainer. */
final class CriticMetrics {
  private final PrometheusRegistry registry;
  private final Gauge version;
  private final Gauge updates;
  private final Gauge loss;
  private final Gauge value;
  private final Gauge transitions;
  private final Counter refused;

  CriticMetrics(PrometheusRegistry registry) {
    this.registry = registry;
    this.version = gauge("version", "Version of the critics that was published last");
    this.updates = gauge("updates", "Updates behind it");
    this.loss = gauge("loss", "Loss of the last update");
    this.value = gauge("value", "Mean value of the last update's states and actions");
    this.transitions = gauge("transitions", "Transitions in the replay buffer");
    this.refused =
        Counter.builder()
            .name("favstream_critic_refused_transitions_total")
            .help("Records of transitions that were not taken, and are among the dead letters")
            .register(registry);
  }

  private Gauge gauge(String name, String help) {
    return Gauge.builder().name("favstream_critic_" + name).help(help).register(registry);
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
