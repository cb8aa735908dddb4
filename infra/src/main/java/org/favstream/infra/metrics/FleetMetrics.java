// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Summary;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import org.favstream.sampler.fleet.FleetEvent;

/** Of the fleet's workers in a process. */
final class FleetMetrics {
  private final Summary returns;
  private final Counter steps;
  private final Counter late;
  private final Counter lost;
  private final Counter notFinite;
  private final Counter weightsRefused;

  FleetMetrics(PrometheusRegistry registry) {
    this.returns =
        Summary.builder()
            .name("favstream_fleet_return")
            .help("Returns of the episodes that are over: how many, and their sum")
            .register(registry);
    Family fleet = new Family(registry, "favstream_fleet");
    this.steps = fleet.counter("steps", "Steps of the episodes that are over");
    this.late = fleet.counter("deadlines_missed", "Steps at which inference was late");
    this.lost = fleet.counter("environments_lost", "Environments that were lost, and opened anew");
    this.notFinite = fleet.counter("actions_refused", "Actions that were not finite");
    this.weightsRefused = fleet.counter("weights_refused", "Weights that do not fit the policy");
  }

  void on(FleetEvent event) {
    if (event instanceof FleetEvent.EpisodeEnded ended) {
      returns.observe(ended.sumOfRewards());
      steps.inc(ended.steps());
    } else if (event instanceof FleetEvent.DeadlineMissed) {
      late.inc();
    } else if (event instanceof FleetEvent.EnvironmentLost) {
      lost.inc();
    } else if (event instanceof FleetEvent.ActionRefused) {
      notFinite.inc();
    } else if (event instanceof FleetEvent.WeightsRefused) {
      weightsRefused.inc();
    }
  }
}
