// SPDX-License-Identifier: Apache-2.0
package org.favstream.bench;

import ai.djl.Device;
import java.time.Duration;
import org.favstream.actors.weights.PublishedWeights;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.infra.job.Job;
import org.favstream.protocol.Transitions;
import org.favstream.reward.critic.CriticSession;
import org.favstream.reward.critic.RefusedTransitionsException;
import org.favstream.sampler.environment.EnvironmentException;
import org.favstream.sampler.environment.EnvironmentSession;
import org.favstream.sampler.fleet.ControlClock;
import org.favstream.sampler.fleet.EpisodeRunner;
import org.favstream.sampler.fleet.EpisodeSettings;
import org.favstream.sampler.fleet.FleetEvent;
import org.favstream.sampler.fleet.FleetWorker;
import org.favstream.sampler.fleet.PolicySource;

/** A worker of a run's fleet, which takes its steps in turn with the training. */
final class StudyFleet implements AutoCloseable {
  private static final EnvironmentSession.Backoff ONCE =
      new EnvironmentSession.Backoff(Duration.ofMillis(1), Duration.ofMillis(1));

  private final EpisodeRunner runner;
  private PublishedWeights newest;

  /**
   * A fleet before its first episode.
   *
   * @param segment steps that are told of together
   * @param session is told what is lived through
   */
  StudyFleet(Job job, Weights first, int segment, CriticSession session) throws WeightsException {
    this.newest = version(0, first);
    this.runner =
        new EpisodeRunner(
            new FleetWorker(PolicyStudy.RUN, "fleet", 0, job.seed()),
            new EpisodeSettings(segment, Duration.ZERO, EpisodeSettings.OnMissedDeadline.ZERO),
            new EnvironmentSession(job.environment(), ONCE),
            new PolicySource(job.generator().create(), Device.cpu(), () -> newest),
            Runnable::run,
            ControlClock.system(),
            lived -> append(session, lived),
            StudyFleet::requireSound);
  }

  private static PublishedWeights version(long number, Weights weights) {
    return new PublishedWeights(number, 1, number, weights, 0);
  }

  private static void append(CriticSession session, Transitions lived) {
    try {
      session.append(lived);
    } catch (RefusedTransitionsException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A study whose fleet fails has nothing to say. */
  private static void requireSound(FleetEvent event) {
    if (!(event instanceof FleetEvent.EpisodeEnded)) {
      throw new IllegalStateException(event.toString());
    }
  }

  /** Weights for the next episode of each copy. */
  void offer(Weights weights) {
    newest = version(newest.version() + 1, weights);
  }

  /**
   * Lives on.
   *
   * @param steps of each copy
   */
  void live(int steps) throws EnvironmentException, InterruptedException {
    for (int step = 0; step < steps; step++) {
      runner.step();
    }
  }

  @Override
  public void close() {
    runner.close();
  }
}
