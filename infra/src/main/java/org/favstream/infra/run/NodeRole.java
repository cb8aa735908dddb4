// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.run;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.infra.job.Job;
import org.favstream.infra.metrics.RunMetrics;
import org.favstream.learner.node.LearnerActor;
import org.favstream.reward.node.CriticActor;
import org.favstream.reward.node.EvaluatorActor;
import org.favstream.reward.node.RewardActor;
import org.favstream.sampler.node.FleetNode;
import org.favstream.sampler.node.SamplerNode;

/** The roles of a run; the one place where a job becomes actors. */
public enum NodeRole {
  /** Emits groups. */
  SAMPLER,
  /** Scores groups. */
  REWARD,
  /** Turns scored groups into weights; one in a run. */
  LEARNER,
  /** Measures weights. */
  EVALUATOR,
  /** Trains a policy's critics; one in a run. */
  CRITIC,
  /** Acts in environments. */
  FLEET,
  /** Takes what people want of the run's rewards. */
  CONTROL;

  /** As the command line has it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The role's actor. A new start of a sampler or a fleet takes a higher incarnation than any
   * before it, from the clock.
   *
   * @param name unlike any other node's of the run
   * @param checkpoints where a learner or a critic's trainer keeps its state
   */
  public Behavior<?> behavior(NodeContext node, Job job, String name, Path checkpoints) {
    return switch (this) {
      case SAMPLER -> sampler(node, job, name, node.clock().millis());
      case REWARD -> reward(node, job, name);
      case LEARNER -> learner(node, job, checkpoints);
      case EVALUATOR -> evaluator(node, job);
      case CRITIC -> critic(node, job, checkpoints);
      case FLEET -> fleet(node, job, name, node.clock().millis());
      case CONTROL -> control(node, job, name);
    };
  }

  static Behavior<SamplerNode.Command> sampler(
      NodeContext node, Job job, String name, long firstIncarnation) {
    return SamplerNode.create(
        node,
        name,
        firstIncarnation,
        job.seed(),
        job.sampler(),
        job.contexts(),
        job.generator().create(),
        job.device("sampler.device"));
  }

  static Behavior<RewardActor.Command> reward(NodeContext node, Job job, String name) {
    int workers = job.read(complete -> complete.getInt("reward.workers"));
    return Behaviors.supervise(
            RewardActor.create(node, name, job.rewards().of(node, name), workers))
        .onFailure(
            SupervisorStrategy.restartWithBackoff(
                    Duration.ofMillis(200), Duration.ofSeconds(10), 0.2)
                .withLoggingEnabled(false)); // it says so itself
  }

  static Behavior<LearnerActor.Command> learner(NodeContext node, Job job, Path checkpoints) {
    return LearnerActor.create(node, job.learner(checkpoints));
  }

  static Behavior<EvaluatorActor.Command> evaluator(NodeContext node, Job job) {
    return EvaluatorActor.create(
        node,
        job.evaluateEvery(),
        job.evaluator(),
        job.rewards().of(node, "evaluator"),
        job.rewards().watch(),
        job.generator().create(),
        job.device("evaluation.device"));
  }

  static Behavior<CriticActor.Command> critic(NodeContext node, Job job, Path checkpoints) {
    return CriticActor.create(node, job.critic(checkpoints));
  }

  static Behavior<FleetNode.Command> fleet(
      NodeContext node, Job job, String name, long firstIncarnation) {
    return FleetNode.create(
        node,
        name,
        firstIncarnation,
        job.seed(),
        job.fleet(),
        job.environment(),
        job.generator().create(),
        job.device("fleet.device"));
  }

  /** It serves already, so that what keeps it from that is known at once. */
  private static Behavior<Void> control(NodeContext node, Job job, String name) {
    RunMetrics metrics = new RunMetrics(node.run(), CONTROL.text());
    RunControl control = RunControl.start(node, job, name, metrics, System.err::println);
    System.err.println("control  " + control.url());
    System.err.println("metrics  " + control.metricsUrl());
    return Behaviors.receive(Void.class)
        .onSignal(
            PostStop.class,
            signal -> {
              control.close();
              return Behaviors.same();
            })
        .build();
  }
}
