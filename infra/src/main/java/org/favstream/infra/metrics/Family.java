// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/**
 * Metrics whose names begin alike.
 *
 * @param name with which they begin
 */
record Family(PrometheusRegistry registry, String name) {

  /** What is set; labels are those by which it is told apart. */
  Gauge gauge(String last, String help, String... labels) {
    return Gauge.builder().name(name + "_" + last).help(help).labelNames(labels).register(registry);
  }

  /** What only grows; {@code _total} follows its name. */
  Counter counter(String last, String help, String... labels) {
    return Counter.builder()
        .name(name + "_" + last + "_total")
        .help(help)
        .labelNames(labels)
        .register(registry);
  }
}
