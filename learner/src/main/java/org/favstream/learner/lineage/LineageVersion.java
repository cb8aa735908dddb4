// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.lineage;

import java.util.HashMap;
import java.util.Map;
import org.favstream.protocol.LineageStep;

/**
 * A weights version as its steps tell of it. Digests are empty where an earlier build took them.
 *
 * @param epoch which life of the learner took its steps
 * @param firstStep the first step's number
 * @param lastStep the last step's number
 * @param weightsSha256 digest of the version's weights
 * @param parentSha256 digest of the weights that the first step began from
 * @param offset of the first step's record
 * @param earliest the least offset of its groups on the topic scores, by partition
 */
public record LineageVersion(
    long version,
    long epoch,
    long firstStep,
    long lastStep,
    String weightsSha256,
    String parentSha256,
    long offset,
    Map<Integer, Long> earliest) {
  public LineageVersion {
    earliest = Map.copyOf(earliest);
  }

  /** A version of which one step is known so far. */
  static LineageVersion of(LineageStep step, long offset) {
    return new LineageVersion(
        step.version(),
        step.epoch(),
        step.step(),
        step.step(),
        step.weightsSha256(),
        step.parentSha256(),
        offset,
        earliest(Map.of(), step));
  }

  /** The version with the next of its steps. */
  LineageVersion with(LineageStep step) {
    return new LineageVersion(
        version,
        epoch,
        firstStep,
        step.step(),
        step.weightsSha256(),
        parentSha256,
        offset,
        earliest(earliest, step));
  }

  private static Map<Integer, Long> earliest(Map<Integer, Long> before, LineageStep step) {
    Map<Integer, Long> earliest = new HashMap<>(before);
    step.groups().forEach(group -> earliest.merge(group.partition(), group.offset(), Math::min));
    return earliest;
  }

  /** Whether a step is one of its. */
  public boolean has(LineageStep step) {
    return step.version() == version && step.epoch() == epoch;
  }

  /** Whether digests are known: not of what earlier builds have recorded. */
  public boolean hasDigests() {
    return !weightsSha256.isEmpty() && !parentSha256.isEmpty();
  }
}
