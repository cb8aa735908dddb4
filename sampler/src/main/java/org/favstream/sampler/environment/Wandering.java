// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.environment;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.favstream.sampler.noise.SplitMix;

/**
 * Offline data of any environment, where nothing better is at hand: actions that wander. An
 * episode's actions are {@code a ← clip(ρ a + σ n)} with {@code n} normal, {@code ρ} uniform in [0,
 * 0.98] and {@code σ} uniform in [0.1, 0.6], drawn for each episode: from restless to slow, so that
 * states far from the start are met too.
 */
public final class Wandering {
  /** What a data set's file says of how it was made. */
  public static final String RECIPE =
      "actions a = clip(rho a + sigma n), rho in [0, .98] and sigma in [.1, .6] by episode";

  private static final int LONGEST_EPISODE = 100_000;

  private Wandering() {}

  /**
   * Makes data.
   *
   * @param source of an environment, whose copies act together
   * @param seed of everything that is drawn
   * @param episodes how many
   * @param progress is told how many episodes there are, after each
   * @throws EnvironmentException where the environment fails, or an episode has no end
   */
  public static TransitionSet make(
      EnvironmentSource source, long seed, int episodes, IntConsumer progress)
      throws EnvironmentException {
    if (episodes < 1) {
      throw new IllegalArgumentException("%d episodes, expected at least 1".formatted(episodes));
    }
    try (Environment environment = source.open()) {
      Environment.Spec spec = environment.spec();
      List<Walk> walks = new ArrayList<>();
      List<Walk> done = new ArrayList<>();
      for (int copy = 0; copy < spec.copies(); copy++) {
        walks.add(new Walk(spec, seed, copy, environment.reset(copy, seed + copy)));
      }
      int begun = spec.copies();
      while (done.size() < episodes) {
        float[] actions = new float[spec.copies() * spec.actionSize()];
        for (int copy = 0; copy < spec.copies(); copy++) {
          float[] action = walks.get(copy).act();
          System.arraycopy(action, 0, actions, copy * action.length, action.length);
        }
        Environment.Step step = environment.step(actions);
        for (int copy = 0; copy < spec.copies(); copy++) {
          walks.get(copy).lived(step, copy);
          if (step.ended(copy)) {
            if (done.size() < episodes) {
              done.add(walks.get(copy));
              progress.accept(done.size());
            }
            int next = begun++;
            walks.set(copy, new Walk(spec, seed, next, environment.reset(copy, seed + next)));
          }
        }
      }
      return joined(spec, done);
    }
  }

  private static TransitionSet joined(Environment.Spec spec, List<Walk> walks) {
    int n = walks.stream().mapToInt(walk -> walk.rewards.size()).sum();
    int o = spec.observationSize();
    int a = spec.actionSize();
    TransitionSet set =
        new TransitionSet(
            spec.name(),
            o,
            a,
            new float[n * o],
            new float[n * a],
            new float[n],
            new float[n * o],
            new boolean[n],
            new boolean[n]);
    int at = 0;
    for (Walk walk : walks) {
      for (int t = 0; t < walk.rewards.size(); t++, at++) {
        System.arraycopy(walk.observations.get(t), 0, set.observations(), at * o, o);
        System.arraycopy(walk.observations.get(t + 1), 0, set.nextObservations(), at * o, o);
        System.arraycopy(walk.actions.get(t), 0, set.actions(), at * a, a);
        set.rewards()[at] = walk.rewards.get(t);
      }
      set.terminated()[at - 1] = walk.terminated;
      set.truncated()[at - 1] = !walk.terminated;
    }
    return set;
  }

  /** One episode. */
  private static final class Walk {
    private final String environment;
    private final SplitMix random;
    private final double memory;
    private final double size;
    private final List<float[]> observations = new ArrayList<>();
    private final List<float[]> actions = new ArrayList<>();
    private final List<Float> rewards = new ArrayList<>();
    private float[] action;
    private boolean terminated;

    Walk(Environment.Spec spec, long seed, int episode, float[] first) {
      environment = spec.name();
      random = new SplitMix(seed, episode);
      memory = 0.98 * random.uniform();
      size = 0.1 + 0.5 * random.uniform();
      action = new float[spec.actionSize()];
      observations.add(first);
    }

    float[] act() {
      float[] next = new float[action.length];
      for (int i = 0; i < next.length; i++) {
        next[i] = (float) Math.max(-1, Math.min(1, memory * action[i] + size * random.normal()));
      }
      action = next;
      actions.add(next);
      return next;
    }

    void lived(Environment.Step step, int copy) throws EnvironmentException {
      int o = observations.get(0).length;
      float[] observation = new float[o];
      System.arraycopy(step.observations(), copy * o, observation, 0, o);
      observations.add(observation);
      rewards.add(step.rewards()[copy]);
      terminated = step.terminated()[copy];
      if (rewards.size() > LONGEST_EPISODE) {
        throw new EnvironmentException(
            "environment %s: an episode of more than %d steps has no end"
                .formatted(environment, LONGEST_EPISODE));
      }
    }
  }
}
