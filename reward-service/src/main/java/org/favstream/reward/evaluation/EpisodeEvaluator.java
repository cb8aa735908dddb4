// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.evaluation;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.favstream.protocol.Noise;
import org.favstream.sampler.environment.Environment;
import org.favstream.sampler.environment.EnvironmentException;
import org.favstream.sampler.environment.EnvironmentSource;
import org.favstream.sampler.generator.LoadedGenerator;
import org.favstream.sampler.generator.PolicyGenerator;
import org.favstream.sampler.noise.NoiseSource;

/**
 * A policy in its environment, whatever that is: whole episodes of seeds of their own, one draw of
 * the policy a step, clipped to the bounds.
 *
 * <p>Metrics: {@code return}, the mean sum of an episode's rewards, not discounted; {@code
 * returnMin} and {@code returnMax} over the episodes.
 */
public final class EpisodeEvaluator implements Evaluator {
  private static final int QUICK_EPISODES = 16;

  private final EnvironmentSource source;
  private final int episodes;
  private final long seed;
  private final long noiseKey;

  /**
   * An evaluator.
   *
   * @param source of environments, opened anew for each measurement
   * @param episodes how many, rounded up to a multiple of the environment's copies
   * @param seed of the episodes and of the policy's noise
   */
  public EpisodeEvaluator(EnvironmentSource source, int episodes, long seed) {
    this.source = source;
    this.episodes = episodes;
    this.seed = seed;
    this.noiseKey = NoiseSource.key(seed, "evaluation", 0);
  }

  @Override
  public Map<String, Double> evaluate(LoadedGenerator generator, Depth depth) {
    double[] returns =
        play(generator, depth == Depth.QUICK ? Math.min(QUICK_EPISODES, episodes) : episodes);
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put("return", Arrays.stream(returns).average().orElse(Double.NaN));
    metrics.put("returnMin", Arrays.stream(returns).min().orElse(Double.NaN));
    metrics.put("returnMax", Arrays.stream(returns).max().orElse(Double.NaN));
    return metrics;
  }

  /**
   * The return of each episode.
   *
   * @param generator with the weights to be measured
   */
  public double[] returns(LoadedGenerator generator) {
    return play(generator, episodes);
  }

  private double[] play(LoadedGenerator generator, int count) {
    try (Environment environment = source.open()) {
      int copies = environment.spec().copies();
      int rounds = (count + copies - 1) / copies;
      double[] returns = new double[rounds * copies];
      for (int round = 0; round < rounds; round++) {
        play(environment, generator, round * copies, returns);
      }
      return returns;
    } catch (EnvironmentException e) {
      throw new IllegalStateException("evaluation: " + e.getMessage(), e);
    }
  }

  /** One episode in every copy; one that is over is reset and no longer counts. */
  private void play(Environment environment, LoadedGenerator generator, int first, double[] returns)
      throws EnvironmentException {
    Environment.Spec spec = environment.spec();
    int o = spec.observationSize();
    float[] observations = new float[spec.copies() * o];
    boolean[] over = new boolean[spec.copies()];
    for (int copy = 0; copy < spec.copies(); copy++) {
      System.arraycopy(environment.reset(copy, seed + first + copy), 0, observations, copy * o, o);
    }
    int running = spec.copies();
    for (long t = 0; running > 0; t++) {
      float[] normals = noise(generator, first, t, spec.copies());
      float[] actions = PolicyGenerator.actions(generator.sample(normals, observations));
      Environment.Step step = environment.step(actions);
      observations = step.observations().clone();
      for (int copy = 0; copy < spec.copies(); copy++) {
        if (!over[copy]) {
          returns[first + copy] += step.rewards()[copy];
        }
        if (step.ended(copy)) {
          running -= over[copy] ? 0 : 1;
          over[copy] = true;
          float[] again = environment.reset(copy, seed + first + copy);
          System.arraycopy(again, 0, observations, copy * o, o);
        }
      }
    }
  }

  private float[] noise(LoadedGenerator generator, int first, long t, int copies) {
    return NoiseSource.normals(
        new Noise(noiseKey, ((long) first << 32) | t), copies * generator.generator().noiseSize());
  }

  @Override
  public List<Panel> panels(LoadedGenerator before, LoadedGenerator after) {
    return List.of(
        new Panel(
            "returns, sorted",
            "episodes",
            "return",
            List.of(
                Panel.Series.sorted("before", returns(before)),
                Panel.Series.sorted("after", returns(after)))));
  }
}
