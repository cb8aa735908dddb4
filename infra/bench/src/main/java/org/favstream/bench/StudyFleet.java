// SPDX-License-Identifier: Apache-2.0
package org.favstream.bench;

import ai.djl.Device;
import java.util.OptionalLong;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.Noise;
import org.favstream.protocol.Tensor;
import org.favstream.protocol.Transitions;
import org.favstream.reward.critic.CriticSession;
import org.favstream.reward.critic.RefusedTransitionsException;
import org.favstream.sampler.arm.ArmEnvironment;
import org.favstream.sampler.arm.ArmSystem;
import org.favstream.sampler.environment.Environment;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.LoadedGenerator;
import org.favstream.sampler.generator.PolicyGenerator;
import org.favstream.sampler.noise.NoiseSource;

/** Arms that live through episodes beside the training, and take weights between episodes only. */
final class StudyFleet implements AutoCloseable {
  private final ArmEnvironment arms;
  private final LoadedGenerator policy;
  private final long noiseKey;
  private final long targetKey;
  private Weights newest;
  private float[] observations = {};
  private long steps;
  private long episodes;
  private int inEpisode;

  StudyFleet(ArmSystem system, int copies, int substeps, Generator policy, Weights first, long seed)
      throws WeightsException {
    this.arms = new ArmEnvironment(system, copies, substeps);
    this.policy = new LoadedGenerator(policy, first, Device.cpu());
    this.newest = first;
    this.noiseKey = NoiseSource.key(seed, "study/fleet", 0);
    this.targetKey = NoiseSource.key(seed, "study/targets", 0);
  }

  /** Weights for the next episode. */
  void offer(Weights weights) {
    newest = weights;
  }

  /**
   * Lives on and tells the session.
   *
   * @param count steps of each arm, or fewer where the episode ends
   */
  void live(int count, CriticSession session) throws WeightsException, RefusedTransitionsException {
    Environment.Spec spec = arms.spec();
    if (inEpisode == 0) {
      begin(spec);
    }
    int most = Math.min(count, ArmSystem.EPISODE_STEPS - inEpisode);
    int o = spec.observationSize();
    int a = spec.actionSize();
    float[][] seen = new float[spec.copies()][(most + 1) * o];
    float[][] done = new float[spec.copies()][most * a];
    float[][] rewards = new float[spec.copies()][most];
    keep(observations, seen, 0, o);
    for (int t = 0; t < most; t++) {
      float[] actions = act(observations, spec.copies());
      Environment.Step step = arms.step(actions);
      observations = step.observations();
      keep(actions, done, t, a);
      keep(step.rewards(), rewards, t, 1);
      keep(observations, seen, t + 1, o);
    }
    boolean ends = inEpisode + most == ArmSystem.EPISODE_STEPS;
    for (int copy = 0; copy < spec.copies(); copy++) {
      session.append(
          new Transitions(
              PolicyStudy.RUN,
              spec.name(),
              "fleet",
              "%d-%d".formatted(episodes, copy),
              inEpisode,
              OptionalLong.of(episodes),
              Tensor.of(new int[] {most + 1, o}, seen[copy]),
              Tensor.of(new int[] {most, a}, done[copy]),
              Tensor.of(new int[] {most}, rewards[copy]),
              ends ? Transitions.Ending.TRUNCATED : Transitions.Ending.NONE,
              ""));
    }
    inEpisode = ends ? 0 : inEpisode + most;
  }

  private void begin(Environment.Spec spec) throws WeightsException {
    policy.swap(newest);
    observations = new float[spec.copies() * spec.observationSize()];
    for (int copy = 0; copy < spec.copies(); copy++) {
      long target = NoiseSource.key(targetKey, "copy-" + copy, episodes);
      System.arraycopy(
          arms.reset(copy, target),
          0,
          observations,
          copy * spec.observationSize(),
          spec.observationSize());
    }
    episodes++;
  }

  private float[] act(float[] seen, int copies) {
    Noise noise = new Noise(noiseKey, steps++);
    float[] normals = NoiseSource.normals(noise, copies * policy.generator().noiseSize());
    return PolicyGenerator.actions(policy.sample(normals, seen));
  }

  private static void keep(float[] rows, float[][] byCopy, int at, int width) {
    for (int copy = 0; copy < byCopy.length; copy++) {
      System.arraycopy(rows, copy * width, byCopy[copy], at * width, width);
    }
  }

  @Override
  public void close() {
    arms.close();
    policy.close();
  }
}
