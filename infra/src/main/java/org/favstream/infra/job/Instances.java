// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.job;

import java.util.List;
import org.favstream.reward.evaluation.ReactionEvaluator;
import org.favstream.sampler.arm.ArmInstance;

/**
 * What weights are to be measured on; where there is nothing, held-out instances are drawn.
 *
 * @param reactions of the reaction task
 * @param arms of the arm task
 */
public record Instances(List<ReactionEvaluator.Instance> reactions, List<ArmInstance> arms) {
  public Instances {
    reactions = List.copyOf(reactions);
    arms = List.copyOf(arms);
  }

  /** Held-out ones are to be drawn. */
  public static Instances drawn() {
    return new Instances(List.of(), List.of());
  }
}
