// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;
import org.favstream.sampler.node.SamplerEvent;

/** Of the samplers of a process. */
final class SamplerMetrics {
  private final Counter groups;
  private final Counter particles;
  private final Gauge version;
  private final Histogram delay;

  SamplerMetrics(PrometheusRegistry registry) {
    Family sampler = new Family(registry, "favstream_sampler");
    this.groups = sampler.counter("groups", "Groups that were emitted", "sampler");
    this.particles = sampler.counter("particles", "Particles in them", "sampler");
    this.version = sampler.gauge("weights_version", "Weights version in use", "sampler");
    this.delay =
        Histogram.builder()
            .name("favstream_sampler_weights_delay_seconds")
            .help("From the publication of weights to their use")
            .unit(Unit.SECONDS)
            .classicOnly()
            .classicUpperBounds(0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 10)
            .labelNames("sampler")
            .register(registry);
  }

  void on(SamplerEvent event) {
    if (event instanceof SamplerEvent.Emitted emitted) {
      groups.labelValues(emitted.sampler()).inc(emitted.groups());
      particles.labelValues(emitted.sampler()).inc(emitted.particles());
    } else if (event instanceof SamplerEvent.Applied applied) {
      version.labelValues(applied.sampler()).set(applied.version());
      delay
          .labelValues(applied.sampler())
          .observe(Unit.millisToSeconds(applied.sincePublication().toMillis()));
    }
  }
}
