// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.fleet;

import java.util.Arrays;
import java.util.OptionalLong;
import org.favstream.protocol.Noise;
import org.favstream.protocol.Tensor;
import org.favstream.protocol.Transitions;
import org.favstream.protocol.Transitions.Ending;
import org.favstream.sampler.environment.Environment;
import org.favstream.sampler.fleet.EpisodeSettings.OnMissedDeadline;
import org.favstream.sampler.noise.NoiseSource;

/**
 * One episode of one copy: its policy, the action that acts, and what was lived through and not yet
 * told. A full segment is told with the step after it, since only then it is known that the episode
 * went on.
 */
final class Episode {
  private final FleetWorker worker;
  private final Environment.Spec spec;
  private final String name;
  private final long noiseKey;
  private final Policies.Policy policy;
  private final TransitionsLog log;

  /** {@code (segment + 1, o)}, {@code (segment, a)} and {@code (segment)}; the first are in use. */
  private final float[] observations;

  private final float[] actions;
  private final float[] rewards;

  /** {@code (a)}: what acts, and acted last. */
  private final float[] action;

  private int held;
  private long steps;
  private double sumOfRewards;

  /**
   * An episode before its first step.
   *
   * @param number of the worker's episodes
   * @param first observation, {@code (o)}
   * @param policy that acts to its end
   * @param segmentSteps steps told of together
   */
  Episode(
      FleetWorker worker,
      Environment.Spec spec,
      long number,
      float[] first,
      Policies.Policy policy,
      int segmentSteps,
      TransitionsLog log) {
    this.worker = worker;
    this.spec = spec;
    this.name = worker.episode(number);
    this.noiseKey = worker.noiseKey(number);
    this.policy = policy;
    this.log = log;
    this.observations = new float[(segmentSteps + 1) * spec.observationSize()];
    this.actions = new float[segmentSteps * spec.actionSize()];
    this.rewards = new float[segmentSteps];
    this.action = new float[spec.actionSize()];
    System.arraycopy(first, 0, observations, 0, spec.observationSize());
  }

  Environment.Spec spec() {
    return spec;
  }

  String name() {
    return name;
  }

  Policies.Policy policy() {
    return policy;
  }

  /** How many steps it has had. */
  long steps() {
    return steps;
  }

  double sumOfRewards() {
    return sumOfRewards;
  }

  /** The noise of the next step. */
  float[] noise(int count) {
    return NoiseSource.normals(new Noise(noiseKey, steps), count);
  }

  /** Writes the present observation into row {@code row} of {@code (rows, o)}. */
  void observe(float[] rows, int row) {
    int o = spec.observationSize();
    System.arraycopy(observations, held * o, rows, row * o, o);
  }

  /**
   * Chooses what the policy gave in row {@code row} of {@code (rows, a)}, clipped; or to stand
   * still, where it is no action.
   *
   * @return false where a number of it is not finite
   */
  boolean choose(float[] outputs, int row) {
    boolean finite = true;
    for (int i = 0; i < action.length; i++) {
      float output = outputs[row * action.length + i];
      finite &= Float.isFinite(output);
      action[i] = Math.max(-1, Math.min(1, output));
    }
    if (!finite) {
      Arrays.fill(action, 0);
    }
    return finite;
  }

  /** Does without the policy for a step. */
  void stop(OnMissedDeadline how) {
    if (how == OnMissedDeadline.ZERO) {
      Arrays.fill(action, 0);
    }
  }

  /** Writes the chosen action into row {@code copy} of {@code (copies, a)}. */
  void act(float[] rows, int copy) {
    System.arraycopy(action, 0, rows, copy * action.length, action.length);
  }

  /** Takes what came of the chosen action; of {@code step}, this copy's part. */
  void live(Environment.Step step, int copy) throws InterruptedException {
    if (held == rewards.length) {
      tell(Ending.NONE, "");
    }
    int o = spec.observationSize();
    System.arraycopy(action, 0, actions, held * action.length, action.length);
    rewards[held] = step.rewards()[copy];
    held++;
    System.arraycopy(step.observations(), copy * o, observations, held * o, o);
    steps++;
    sumOfRewards += step.rewards()[copy];
  }

  /**
   * Tells the rest, once it is over. One without a step leaves no trace.
   *
   * @param reason why it was lost; empty otherwise
   */
  void end(Ending ending, String reason) throws InterruptedException {
    if (held > 0) {
      tell(ending, reason);
    }
  }

  private void tell(Ending ending, String reason) throws InterruptedException {
    int o = spec.observationSize();
    int a = spec.actionSize();
    log.append(
        new Transitions(
            worker.run(),
            spec.name(),
            EpisodeRunner.SOURCE,
            name,
            steps - held,
            OptionalLong.of(policy.version()),
            Tensor.of(new int[] {held + 1, o}, Arrays.copyOf(observations, (held + 1) * o)),
            Tensor.of(new int[] {held, a}, Arrays.copyOf(actions, held * a)),
            Tensor.of(new int[] {held}, Arrays.copyOf(rewards, held)),
            ending,
            reason));
    System.arraycopy(observations, held * o, observations, 0, o);
    held = 0;
  }
}
