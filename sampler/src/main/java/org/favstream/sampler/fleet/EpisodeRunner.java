// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.fleet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.favstream.actors.runtime.Faults;
import org.favstream.actors.weights.PublishedWeights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.Transitions.Ending;
import org.favstream.sampler.environment.Environment;
import org.favstream.sampler.environment.EnvironmentException;
import org.favstream.sampler.environment.EnvironmentSession;
import org.favstream.sampler.environment.EnvironmentSession.Done;
import org.favstream.sampler.environment.EnvironmentSession.Lost;
import org.favstream.sampler.environment.EnvironmentSession.Outcome;

/**
 * Runs a policy in the copies of one environment, episode after episode, and tells what is lived
 * through. The action that acted is the one that is told of: clipped, or the one that stood in for
 * it.
 *
 * <p>Deterministic where no inference is late: seed, weights and environment alone decide. Confined
 * to one thread at a time; forward passes run on another one.
 */
public final class EpisodeRunner implements AutoCloseable {

  /** Whom its segments name as their source. */
  public static final String SOURCE = "fleet";

  private final FleetWorker worker;
  private final EpisodeSettings settings;
  private final EnvironmentSession session;
  private final PolicySource source;
  private final Policies policies;
  private final Inference<List<float[]>> inference;
  private final ControlClock clock;
  private final TransitionsLog log;
  private final Consumer<FleetEvent> events;

  /** By copy; empty where the environment is yet to be opened. */
  private final SortedMap<Integer, Episode> running = new TreeMap<>();

  private long begun;
  private long missed;

  /** When the present step began. */
  private long tick;

  /**
   * A runner with its first policy, before its first episode.
   *
   * @param session closed here
   * @param inference one thread, for the forward passes; open for as long as this is
   * @param log where segments go
   * @throws WeightsException where the first weights are another generator's
   */
  public EpisodeRunner(
      FleetWorker worker,
      EpisodeSettings settings,
      EnvironmentSession session,
      PolicySource source,
      Executor inference,
      ControlClock clock,
      TransitionsLog log,
      Consumer<FleetEvent> events)
      throws WeightsException {
    this.worker = worker;
    this.settings = settings;
    this.session = session;
    this.source = source;
    this.policies = new Policies(source, inference);
    this.inference = new Inference<>(inference, clock);
    this.clock = clock;
    this.log = log;
    this.events = events;
  }

  /**
   * One step of every copy, in its time; or, where the environment is lost, the pause after which
   * it is opened anew.
   *
   * @throws EnvironmentException where the environment is not one for this policy
   */
  public void step() throws EnvironmentException, InterruptedException {
    if (running.isEmpty() && !begin()) {
      return;
    }
    choose();
    float[] actions = new float[running.size() * source.generator().sampleSize()];
    running.forEach((copy, episode) -> episode.act(actions, copy));
    Optional<Environment.Step> step = value(session.step(actions));
    if (step.isPresent()) {
      live(step.get());
      awaitNextTick();
    }
  }

  /** Opens the environment and begins an episode in every copy; false where it is lost again. */
  private boolean begin() throws EnvironmentException, InterruptedException {
    Optional<Environment.Spec> spec = value(session.open());
    if (spec.isEmpty()) {
      return false;
    }
    requireFit(spec.get());
    for (int copy = 0; copy < spec.get().copies(); copy++) {
      if (!begin(spec.get(), copy)) {
        return false;
      }
    }
    tick = clock.nanos();
    return true;
  }

  private void requireFit(Environment.Spec spec) throws EnvironmentException {
    int o = source.generator().contextSize();
    int a = source.generator().sampleSize();
    if (spec.observationSize() != o || spec.actionSize() != a) {
      throw new EnvironmentException(
          "environment %s has observations of %d and actions of %d, the policy takes %d and gives %d"
              .formatted(spec.name(), spec.observationSize(), spec.actionSize(), o, a));
    }
  }

  private boolean begin(Environment.Spec spec, int copy) throws InterruptedException {
    takeNewestWeights(); // first: the arm should not wait for them after its reset
    long number = begun++;
    Optional<float[]> first = value(session.reset(copy, worker.episodeSeed(number)));
    first.ifPresent(
        observation ->
            running.put(
                copy,
                new Episode(
                    worker,
                    spec,
                    number,
                    observation,
                    policies.pin(),
                    settings.segmentSteps(),
                    log)));
    return first.isPresent();
  }

  private void takeNewestWeights() {
    PublishedWeights newest = source.newest().get();
    try {
      policies.take(newest);
    } catch (WeightsException e) {
      events.accept(
          new FleetEvent.WeightsRefused(worker.id(), newest.version(), Faults.describe(e)));
    }
  }

  /** Chooses every copy's action: one forward pass a policy in use. */
  private void choose() throws InterruptedException {
    List<Batch> batches = batches();
    Optional<List<float[]>> outputs =
        inference.run(() -> batches.stream().map(Batch::outputs).toList(), deadline());
    if (outputs.isEmpty()) {
      running.values().forEach(episode -> episode.stop(settings.onMissedDeadline()));
      missed++;
      events.accept(new FleetEvent.DeadlineMissed(worker.id(), missed));
      return;
    }
    for (int i = 0; i < batches.size(); i++) {
      List<Episode> episodes = batches.get(i).episodes();
      for (int row = 0; row < episodes.size(); row++) {
        Episode episode = episodes.get(row);
        if (!episode.choose(outputs.get().get(i), row)) {
          events.accept(
              new FleetEvent.ActionRefused(
                  worker.id(), episode.policy().version(), episode.name()));
        }
      }
    }
  }

  private long deadline() {
    return settings.inRealTime() ? tick + settings.controlPeriod().toNanos() : ControlClock.NEVER;
  }

  /**
   * The episodes of one policy, and what it is asked.
   *
   * @param noise {@code (episodes, noiseSize)}
   * @param observations {@code (episodes, o)}
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never shared
  private record Batch(
      Policies.Policy policy, List<Episode> episodes, float[] noise, float[] observations) {

    static Batch of(Policies.Policy policy, List<Episode> episodes) {
      int noiseSize = policy.generator().generator().noiseSize();
      int observationSize = policy.generator().generator().contextSize();
      float[] noise = new float[episodes.size() * noiseSize];
      float[] observations = new float[episodes.size() * observationSize];
      for (int row = 0; row < episodes.size(); row++) {
        Episode episode = episodes.get(row);
        System.arraycopy(episode.noise(noiseSize), 0, noise, row * noiseSize, noiseSize);
        episode.observe(observations, row);
      }
      return new Batch(policy, episodes, noise, observations);
    }

    /** {@code (episodes, a)}; on the inference's thread. */
    float[] outputs() {
      return policy.generator().sample(noise, observations);
    }
  }

  private List<Batch> batches() {
    Map<Policies.Policy, List<Episode>> byPolicy = new LinkedHashMap<>();
    for (Episode episode : running.values()) {
      byPolicy.computeIfAbsent(episode.policy(), policy -> new ArrayList<>()).add(episode);
    }
    List<Batch> batches = new ArrayList<>();
    byPolicy.forEach((policy, episodes) -> batches.add(Batch.of(policy, episodes)));
    return batches;
  }

  private void live(Environment.Step step) throws InterruptedException {
    for (Map.Entry<Integer, Episode> entry : running.entrySet()) {
      entry.getValue().live(step, entry.getKey());
    }
    // All that are over end before the first reset, which may lose the environment.
    SortedMap<Integer, Episode> over = new TreeMap<>(running);
    over.keySet().removeIf(copy -> !step.ended(copy));
    running.keySet().removeAll(over.keySet());
    for (Map.Entry<Integer, Episode> entry : over.entrySet()) {
      boolean terminated = step.terminated()[entry.getKey()];
      end(entry.getValue(), terminated ? Ending.TERMINATED : Ending.TRUNCATED, "");
    }
    for (Map.Entry<Integer, Episode> entry : over.entrySet()) {
      if (!begin(entry.getValue().spec(), entry.getKey())) {
        return;
      }
    }
  }

  private void end(Episode episode, Ending ending, String reason) throws InterruptedException {
    policies.release(episode.policy());
    if (episode.steps() > 0) {
      episode.end(ending, reason);
      events.accept(
          new FleetEvent.EpisodeEnded(
              worker.id(),
              episode.sumOfRewards(),
              episode.steps(),
              episode.policy().version(),
              ending));
    }
  }

  /** What the environment gave; where it is lost, so are the episodes, and a pause passes. */
  private <T> Optional<T> value(Outcome<T> outcome) throws InterruptedException {
    if (outcome instanceof Lost<T> lost) {
      for (Episode episode : running.values()) {
        end(episode, Ending.LOST, lost.reason());
      }
      running.clear();
      events.accept(new FleetEvent.EnvironmentLost(worker.id(), lost.reason()));
      clock.sleepUntil(clock.nanos() + lost.pause().toNanos());
      return Optional.empty();
    }
    return Optional.of(((Done<T>) outcome).value());
  }

  /** A step that took too long is not made up for. */
  private void awaitNextTick() throws InterruptedException {
    Duration period = settings.controlPeriod();
    long due = tick + period.toNanos();
    long now = clock.nanos();
    if (now - due < 0) {
      clock.sleepUntil(due);
      tick = due;
    } else {
      tick = now;
    }
  }

  /**
   * Closes the environment and frees the policies. What was lived through and not yet told is gone:
   * the episodes have no end.
   */
  @Override
  public void close() {
    session.close();
    policies.close();
  }
}
