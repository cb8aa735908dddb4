// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.metrics;

import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Locale;
import java.util.function.ToLongFunction;
import org.favstream.learner.checkpoint.Checkpoint;
import org.favstream.learner.node.LearnerEvent;

/** Of the learner. What it counts, it counts over all lives of the run. */
final class LearnerMetrics {
  private final PrometheusRegistry registry;
  private final Gauge step;
  private final Gauge version;
  private final Gauge activation;
  private final Gauge lag;
  private final Gauge lagSteps;
  private final Gauge loss;
  private final Gauge velocity;
  private final Gauge gradientNorm;
  private final Gauge queued;
  private final Gauge samplers;
  private final Gauge refusals;
  private volatile Checkpoint.Totals totals = Checkpoint.Totals.none();

  LearnerMetrics(PrometheusRegistry registry) {
    this.registry = registry;
    Family learner = new Family(registry, "favstream_learner");
    this.step = learner.gauge("step", "Learner steps of the run");
    this.version = learner.gauge("weights_version", "Weights version that was published last");
    this.activation =
        learner.gauge("reward_activation", "Activation that new groups are scored under");
    this.lag =
        learner.gauge("lag_versions", "Mean lag of the last step's groups, in weights versions");
    this.lagSteps =
        learner.gauge("lag_steps", "Mean lag of the last step's groups, in learner steps");
    this.loss = learner.gauge("loss", "Regression loss before the last step");
    this.velocity = learner.gauge("velocity", "Root mean square velocity of the last step");
    this.gradientNorm =
        learner.gauge("gradient_norm", "Gradient norm of the last step, before clipping");
    this.queued = learner.gauge("queued_groups", "Groups that wait for the next step");
    this.samplers = learner.gauge("samplers", "Samplers that are alive");
    this.refusals =
        learner.gauge(
            "refusals",
            "Groups that did not enter a step since the learner's start, by reason",
            "reason");
    counter("groups", "Groups that entered a step", Checkpoint.Totals::groups);
    counter("generations", "Particles that entered a step", Checkpoint.Totals::generations);
    counter("refused_groups", "Groups that are lost to the learner", Checkpoint.Totals::refused);
    counter("skipped_steps", "Steps that changed no weights", Checkpoint.Totals::skipped);
  }

  private void counter(String name, String help, ToLongFunction<Checkpoint.Totals> of) {
    CounterWithCallback.builder()
        .name("favstream_learner_" + name + "_total")
        .help(help)
        .callback(callback -> callback.call(of.applyAsLong(totals)))
        .register(registry);
  }

  void on(LearnerEvent event) {
    if (event instanceof LearnerEvent.Begun begun) {
      step.set(begun.step());
      version.set(begun.version());
      totals = begun.totals();
    } else if (event instanceof LearnerEvent.Stepped stepped) {
      took(stepped);
    } else if (event instanceof LearnerEvent.Published published) {
      version.set(published.weights().version());
    } else if (event instanceof LearnerEvent.RewardChanged changed) {
      activation.set(changed.activation());
    }
  }

  private void took(LearnerEvent.Stepped stepped) {
    LearnerEvent.Step last = stepped.step();
    step.set(last.step());
    lag.set(last.lag());
    lagSteps.set(last.lagSteps());
    loss.set(last.loss());
    velocity.set(last.velocity());
    gradientNorm.set(last.gradientNorm());
    queued.set(stepped.queued());
    samplers.set(stepped.samplers());
    stepped
        .refusals()
        .forEach(
            (reason, count) ->
                refusals.labelValues(reason.name().toLowerCase(Locale.ROOT)).set(count));
    totals = last.totals();
  }
}
