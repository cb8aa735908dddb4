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
    Family favstream = new Family(registry, "favstream");
    this.version = favstream.gauge("evaluation_version", "Weights version that was measured last");
    this.metrics =
        favstream.gauge("evaluation", "What was measured of it, as the report names it", "metric");
  }

  void on(Evaluation evaluation) {
    version.set(evaluation.version());
    evaluation.metrics().forEach((name, value) -> metrics.labelValues(name).set(value));
  }
}
