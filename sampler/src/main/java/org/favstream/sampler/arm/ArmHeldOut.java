// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.arm;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.favstream.sampler.noise.SplitMix;

/**
 * Targets to watch training on: drawn as those to train on, but never among them, with baselines of
 * our own. In place of the competition's LQR stands a controller that knows the equations, so that
 * 1 is its score, and 100 that of no control.
 */
public final class ArmHeldOut {
  /** Gains that are best or near it on all systems, by the reward. */
  static final double STIFFNESS = 160;

  static final double DAMPING = 25;

  /** A target that the controller itself follows no better than this tells nothing. */
  private static final double WORST_RATIO = 0.25;

  private ArmHeldOut() {}

  /**
   * Draws targets.
   *
   * @param seed which; also one that data was made with gives other targets than that data has
   * @param count how many
   * @param substeps Runge-Kutta steps a control step
   */
  public static List<ArmInstance> draw(ArmSystem system, long seed, int count, int substeps) {
    SplitMix seeds = new SplitMix(seed, 1); // data is drawn from index 0
    List<ArmInstance> instances = new ArrayList<>();
    while (instances.size() < count) {
      String name = "%s held-out %d".formatted(system, instances.size());
      ArmInstance bare =
          new ArmInstance(name, system, ArmTargets.draw(system, seeds.word()), Optional.empty());
      ArmEvaluation.Outcome best =
          outcome(bare, new ArmController(system, STIFFNESS, DAMPING), substeps);
      ArmEvaluation.Outcome none = outcome(bare, seen -> new float[system.controls()], substeps);
      if (best.deviation() <= WORST_RATIO * none.deviation()) {
        ArmBaselines baselines =
            new ArmBaselines(best.deviation(), best.control(), none.deviation());
        instances.add(new ArmInstance(name, system, bare.target(), Optional.of(baselines)));
      }
    }
    return List.copyOf(instances);
  }

  private static ArmEvaluation.Outcome outcome(
      ArmInstance instance, ArmPolicy policy, int substeps) {
    return ArmEvaluation.of(List.of(instance), policy, substeps).outcomes().get(0);
  }
}
