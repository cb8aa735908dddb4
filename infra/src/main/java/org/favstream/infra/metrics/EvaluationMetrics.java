// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.metrics;

import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import org.favstream.protocol.Evaluation;

/** Of the evaluator. */
final class EvaluationMetrics {
  private final Gauge version;
  private final Gauge metrics;

  EvaluationMetrics(PrometheusRegistry registry) {
    this.version =
        Gauge.builder()
            .name("favstream_evaluation_version")
            .help("Weights version that was measured last")
            .register(registry);
    this.metrics =
        Gauge.builder()
            .name("favstream_evaluation")
            .help("What was measured of it, as the report names it")
            .labelNames("metric")
            .register(registry);
  }

  void on(Evaluation evaluation) {
    version.set(evaluation.version());
    evaluation.metrics().forEach((name, value) -> metrics.labelValues(name).set(value));
  }
}
