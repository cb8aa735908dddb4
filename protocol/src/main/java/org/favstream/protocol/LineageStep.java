// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

import java.util.List;

/**
 * What one learner step was made of; following it from the weights before gives the weights after.
 *
 * @param run the run's id
 * @param epoch which life of the learner took the step
 * @param step the step's number, from 1
 * @param version the weights version that the step leads to
 * @param groups where the groups stand on the topic scores, in the order used
 * @param reward the reward of all of them
 * @param referenceDraw counter of the draw from the reference pool
 * @param configSha256 digest of the job's configuration
 */
public record LineageStep(
    String run,
    long epoch,
    long step,
    long version,
    List<GroupPosition> groups,
    RewardVersion reward,
    long referenceDraw,
    String configSha256) {
  public LineageStep {
    Fields.notBlank("run", run);
    Fields.notNegative("lineage.epoch", epoch);
    Fields.notNegative("lineage.step", step);
    Fields.notNegative("lineage.version", version);
    groups = List.copyOf(groups);
  }

  /**
   * Where a group stands on the topic scores.
   *
   * @param weightsVersion the weights version that made the group
   */
  public record GroupPosition(int partition, long offset, long weightsVersion) {
    public GroupPosition {
      Fields.notNegative("partition", partition);
      Fields.notNegative("offset", offset);
      Fields.notNegative("weightsVersion", weightsVersion);
    }
  }
}
