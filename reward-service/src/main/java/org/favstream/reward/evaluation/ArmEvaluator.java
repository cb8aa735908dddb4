// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.evaluation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.favstream.protocol.Noise;
import org.favstream.sampler.arm.ArmEvaluation;
import org.favstream.sampler.arm.ArmInstance;
import org.favstream.sampler.arm.ArmPolicy;
import org.favstream.sampler.generator.LoadedGenerator;
import org.favstream.sampler.generator.PolicyGenerator;
import org.favstream.sampler.noise.NoiseSource;

/**
 * The arm task: a closed loop over whole episodes, one draw of the policy a step, clipped to the
 * bounds; no controller inside it, no search.
 *
 * <p>Metrics: {@code rmse}, the root mean square distance of the hand from its target in metres;
 * {@code score}, the competition's (1: the baseline's controller, 100: no control), where the
 * targets have baselines.
 */
public final class ArmEvaluator implements Evaluator {
  private static final int PANELS = 6;
  private static final int QUICK_TARGETS = 20;

  private final List<ArmInstance> instances;
  private final int substeps;
  private final long noiseKey;

  /**
   * An evaluator.
   *
   * @param instances of one arm
   * @param substeps of the simulation
   * @param seed of the policy's noise
   */
  public ArmEvaluator(List<ArmInstance> instances, int substeps, long seed) {
    this.instances = List.copyOf(instances);
    this.substeps = substeps;
    this.noiseKey = NoiseSource.key(seed, "evaluation", 0);
  }

  /** The policy with its noise; the same episode gets the same noise again. */
  private ArmPolicy policy(LoadedGenerator generator) {
    return new ArmPolicy() {
      private long step;

      @Override
      public float[] act(float[] observations) {
        int rows = observations.length / generator.generator().contextSize();
        float[] normals =
            NoiseSource.normals(
                new Noise(noiseKey, step++), rows * generator.generator().noiseSize());
        return PolicyGenerator.actions(generator.sample(normals, observations));
      }
    };
  }

  @Override
  public Map<String, Double> evaluate(LoadedGenerator generator, Depth depth) {
    int count = depth == Depth.QUICK ? QUICK_TARGETS : instances.size();
    ArmEvaluation evaluation =
        ArmEvaluation.of(
            instances.subList(0, Math.min(count, instances.size())), policy(generator), substeps);
    Map<String, Double> metrics = new LinkedHashMap<>();
    evaluation.score().ifPresent(score -> metrics.put("score", score));
    metrics.put("rmse", evaluation.rmse());
    return metrics;
  }

  @Override
  public List<Panel> panels(LoadedGenerator before, LoadedGenerator after) {
    List<ArmInstance> shown = instances.subList(0, Math.min(PANELS, instances.size()));
    ArmEvaluation first = ArmEvaluation.of(shown, policy(before), substeps);
    ArmEvaluation last = ArmEvaluation.of(shown, policy(after), substeps);
    List<Panel> panels = new ArrayList<>();
    for (int i = 0; i < shown.size(); i++) {
      panels.add(
          new Panel(
              shown.get(i).name(),
              "x (m)",
              "y (m)",
              List.of(
                  path("before", first.outcomes().get(i).tracked()),
                  path("target", shown.get(i).target().path()),
                  path("after", last.outcomes().get(i).tracked()))));
    }
    return panels;
  }

  /** A path in the plane of {@code (points, 2)}. */
  private static Panel.Series path(String label, double[] points) {
    double[] x = new double[points.length / 2];
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = points[2 * i];
      y[i] = points[2 * i + 1];
    }
    return new Panel.Series(label, true, x, y);
  }
}
