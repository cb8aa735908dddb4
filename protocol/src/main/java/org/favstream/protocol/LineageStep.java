// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

import java.util.List;
import java.util.Objects;

/**
 * What one learner step was made of; following it from the weights before gives the weights after.
 * A record of an earlier build knows neither digests of weights nor the code: they are empty.
 *
 * @param run the run's id
 * @param epoch which life of the learner took the step
 * @param step the step's number, from 1
 * @param version the weights version that the step leads to
 * @param groups where the groups stand on the topic scores, in the order used
 * @param reward the reward of all of them
 * @param referenceDraw counter of the draw from the reference pool
 * @param configSha256 digest of the job's configuration
 * @param weightsSha256 digest of the version's weights: lower-case hex SHA-256
 * @param parentSha256 digest of the weights that the version's first step began from
 * @param codeVersion which code took the step
 */
public record LineageStep(
    String run,
    long epoch,
    long step,
    long version,
    List<GroupPosition> groups,
    RewardVersion reward,
    long referenceDraw,
    String configSha256,
    String weightsSha256,
    String parentSha256,
    String codeVersion) {
  public LineageStep {
    Fields.notBlank("run", run);
    Fields.notNegative("lineage.epoch", epoch);
    Fields.notNegative("lineage.step", step);
    Fields.notNegative("lineage.version", version);
    groups = List.copyOf(groups);
    // Checkpoints of earlier builds hold lineage without them.
    weightsSha256 = Objects.requireNonNullElse(weightsSha256, "");
    parentSha256 = Objects.requireNonNullElse(parentSha256, "");
    codeVersion = Objects.requireNonNullElse(codeVersion, "");
    Fields.digestOrEmpty("lineage.weights_sha256", weightsSha256);
    Fields.digestOrEmpty("lineage.parent_sha256", parentSha256);
  }

  /** The same step, once the weights of its version are known by their digest. */
  public LineageStep withWeights(String sha256) {
    return new LineageStep(
        run,
        epoch,
        step,
        version,
        groups,
        reward,
        referenceDraw,
        configSha256,
        sha256,
        parentSha256,
        codeVersion);
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
