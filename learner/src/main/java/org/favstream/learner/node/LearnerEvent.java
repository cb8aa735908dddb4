// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.node;

import java.util.Map;
import java.util.Optional;
import org.favstream.actors.weights.PublishedWeights;
import org.favstream.learner.checkpoint.Checkpoint;
import org.favstream.learner.intake.Intake;
import org.favstream.protocol.RewardVersion;

/** What the learner tells whoever watches, on the system's event stream. */
public sealed interface LearnerEvent {

  /**
   * A session has begun.
   *
   * @param version the current weights version
   * @param step learner steps behind it
   * @param resumed whether from a checkpoint
   * @param totals counts over all lives of the run
   */
  record Begun(long version, long step, boolean resumed, Checkpoint.Totals totals)
      implements LearnerEvent {}

  /**
   * What a step did.
   *
   * @param step its number, from 1
   * @param version the current weights version
   * @param lag mean lag of its groups, in versions
   * @param lagSteps mean lag of its groups, in learner steps
   * @param loss before the step
   * @param velocity root mean square
   * @param gradientNorm before clipping
   * @param skipped why the weights did not change; empty where they did
   * @param totals counts over all lives of the run
   */
  record Step(
      long step,
      long version,
      double lag,
      double lagSteps,
      double loss,
      double velocity,
      double gradientNorm,
      Optional<String> skipped,
      Checkpoint.Totals totals) {}

  /**
   * A step was taken.
   *
   * @param queued groups that wait for the next one
   * @param samplers how many are alive
   * @param refusals of this session, by reason
   */
  record Stepped(Step step, int queued, int samplers, Map<Intake.Refusal, Long> refusals)
      implements LearnerEvent {
    public Stepped {
      refusals = Map.copyOf(refusals);
    }
  }

  /**
   * Groups from a fence on are to be scored by another reward.
   *
   * @param activation its number
   */
  record RewardChanged(long activation, RewardVersion reward) implements LearnerEvent {}

  /** Weights are published. */
  record Published(PublishedWeights weights) implements LearnerEvent {}

  /** All steps are taken or the learner was told to finish; the last weights are published. */
  record Finished(PublishedWeights weights) implements LearnerEvent {}
}
