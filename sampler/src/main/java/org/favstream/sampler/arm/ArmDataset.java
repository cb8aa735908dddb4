// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.arm;

import static org.favstream.sampler.arm.ArmSystem.EPISODE_STEPS;

import java.util.function.IntConsumer;
import org.favstream.sampler.environment.Environment.Step;
import org.favstream.sampler.environment.TransitionSet;
import org.favstream.sampler.noise.SplitMix;

/**
 * Offline data of mixed quality: episodes on targets of {@link ArmTargets}, each driven by an
 * {@link ArmBehaviour} of its own. An episode depends on the seed and its number alone.
 */
public final class ArmDataset {
  /** What it is made by, in words, for a file's metadata. */
  public static final String RECIPE =
      "computed torque of drawn stiffness and damping, with white and correlated noise; version 2";

  private ArmDataset() {}

  /**
   * Makes data.
   *
   * @param seed of everything that is drawn
   * @param episodes how many, of {@value ArmSystem#EPISODE_STEPS} transitions each
   * @param substeps Runge-Kutta steps a control step
   * @param progress is told how many episodes there are, after each
   */
  public static TransitionSet make(
      ArmSystem system, long seed, int episodes, int substeps, IntConsumer progress) {
    if (episodes < 1) {
      throw new IllegalArgumentException("%d episodes, expected at least 1".formatted(episodes));
    }
    int o = ArmEnvironment.observationSize(system);
    int a = system.controls();
    int n = Math.multiplyExact(episodes, EPISODE_STEPS);
    float[] observations = new float[Math.multiplyExact(n, o)];
    float[] actions = new float[n * a];
    float[] rewards = new float[n];
    float[] nextObservations = new float[n * o];
    boolean[] truncated = new boolean[n];
    SplitMix seeds = new SplitMix(seed, 0);
    try (ArmEnvironment arm = new ArmEnvironment(system, 1, substeps)) {
      int at = 0;
      for (int episode = 0; episode < episodes; episode++) {
        long episodeSeed = seeds.word();
        ArmBehaviour behaviour = new ArmBehaviour(system, episodeSeed);
        float[] observation = arm.reset(0, episodeSeed);
        for (int t = 0; t < EPISODE_STEPS; t++, at++) {
          float[] action = behaviour.act(observation);
          Step step = arm.step(action);
          System.arraycopy(observation, 0, observations, at * o, o);
          System.arraycopy(action, 0, actions, at * a, a);
          System.arraycopy(step.observations(), 0, nextObservations, at * o, o);
          rewards[at] = step.rewards()[0];
          truncated[at] = step.truncated()[0];
          observation = step.observations();
        }
        progress.accept(episode + 1);
      }
    }
    return new TransitionSet(
        system.name(),
        o,
        a,
        observations,
        actions,
        rewards,
        nextObservations,
        new boolean[n],
        truncated);
  }
}
