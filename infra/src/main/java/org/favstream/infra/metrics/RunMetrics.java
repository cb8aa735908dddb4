// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.metrics;

import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.favstream.actors.runtime.CodeVersion;
import org.favstream.learner.node.LearnerEvent;
import org.favstream.reward.node.CriticEvent;
import org.favstream.reward.node.EvaluatorActor;
import org.favstream.reward.node.RewardEvent;
import org.favstream.sampler.fleet.FleetEvent;
import org.favstream.sampler.node.SamplerEvent;
import org.jspecify.annotations.Nullable;

/** The metrics of one process of a run. Events come from one actor, readers from any thread. */
public final class RunMetrics {
  /** What {@link #text} is, as HTTP has it. */
  public static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();
  private @Nullable LearnerMetrics learner;
  private @Nullable SamplerMetrics sampler;
  private @Nullable RewardMetrics reward;
  private @Nullable EvaluationMetrics evaluation;
  private @Nullable CriticMetrics critic;
  private @Nullable FleetMetrics fleet;
  private @Nullable Gauge alarms;

  /**
   * Those of the JVM and of the process alone, so far.
   *
   * @param run the run's id
   * @param role what the process does in it
   */
  public RunMetrics(String run, String role) {
    JvmMetrics.builder().register(registry);
    Info.builder()
        .name("favstream_info")
        .help("Which run, in which role, by which code")
        .labelNames("run", "role", "code")
        .register(registry)
        .setLabelValues(run, role, CodeVersion.current());
  }

  /** Takes what the nodes of a system say from now on. */
  public void follow(ActorSystem<?> system) {
    Behavior<Runnable> follower =
        Behaviors.setup(
            context -> {
              subscribe(context, LearnerEvent.class, this::on);
              subscribe(context, SamplerEvent.class, this::on);
              subscribe(context, RewardEvent.class, this::on);
              subscribe(context, EvaluatorActor.Event.class, this::on);
              subscribe(context, CriticEvent.class, this::on);
              subscribe(context, FleetEvent.class, this::on);
              return Behaviors.receiveMessage(
                  update -> {
                    update.run();
                    return Behaviors.same();
                  });
            });
    ActorRef<Runnable> unused = system.systemActorOf(follower, "metrics", Props.empty());
  }

  private static <E> void subscribe(
      ActorContext<Runnable> context, Class<E> type, Consumer<E> taker) {
    ActorRef<E> adapter = context.messageAdapter(type, event -> () -> taker.accept(event));
    context.getSystem().eventStream().tell(new EventStream.Subscribe<>(type, adapter));
  }

  void on(LearnerEvent event) {
    if (learner == null) {
      learner = new LearnerMetrics(registry);
    }
    learner.on(event);
  }

  void on(SamplerEvent event) {
    if (sampler == null) {
      sampler = new SamplerMetrics(registry);
    }
    sampler.on(event);
  }

  void on(RewardEvent event) {
    if (reward == null) {
      reward = new RewardMetrics(registry);
    }
    reward.on(event);
  }

  void on(EvaluatorActor.Event event) {
    if (evaluation == null) {
      evaluation = new EvaluationMetrics(registry);
    }
    evaluation.on(event.evaluation());
  }

  void on(CriticEvent event) {
    if (critic == null) {
      critic = new CriticMetrics(registry);
    }
    critic.on(event);
  }

  void on(FleetEvent event) {
    if (fleet == null) {
      fleet = new FleetMetrics(registry);
    }
    fleet.on(event);
  }

  /** So many alarms of the run stand on the log. */
  public synchronized void alarms(long soFar) {
    if (alarms == null) {
      alarms =
          new Family(registry, "favstream_watch")
              .gauge("alarms", "Alarms of over-optimisation that stand on the log");
    }
    alarms.set(soFar);
  }

  /** All of them as they are now, in Prometheus' text format. */
  public String text() {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try {
      writer.write(text, registry.scrape());
    } catch (IOException e) {
      throw new UncheckedIOException(e); // into memory
    }
    return text.toString(StandardCharsets.UTF_8);
  }
}
