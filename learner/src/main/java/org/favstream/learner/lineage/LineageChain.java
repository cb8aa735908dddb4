// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.lineage;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.favstream.protocol.LineageStep;

/**
 * Versions in the order of the log, and which of them led to which. A learner that loses its newest
 * checkpoints goes on from an earlier one: the steps' numbers begin again there, under a higher
 * epoch, and the versions in between are superseded. So the version before one is not always the
 * one that stands before it on the log.
 */
public final class LineageChain {
  private final List<LineageVersion> versions = new ArrayList<>();

  /** Takes the next record of the log. */
  public void add(LineageStep step, long offset) {
    int last = versions.size() - 1;
    if (last >= 0 && versions.get(last).has(step)) {
      versions.set(last, versions.get(last).with(step));
    } else {
      versions.add(LineageVersion.of(step, offset));
    }
  }

  /** All versions that were added, superseded ones too. */
  public List<LineageVersion> versions() {
    return List.copyOf(versions);
  }

  /** A version, where it was added. */
  public Optional<LineageVersion> version(long number) {
    return versions.stream().filter(version -> version.version() == number).findFirst();
  }

  /**
   * The version from which another one was made: the nearest before it that ends with the step
   * before its first one and with the weights that it began from. Empty where that one is not here;
   * also of the versions that were made from the run's first weights.
   */
  public Optional<LineageVersion> parent(LineageVersion of) {
    int parent = parentOf(versions.indexOf(of));
    return parent < 0 ? Optional.empty() : Optional.of(versions.get(parent));
  }

  /** The place of a version's parent; -1 where it is not here. */
  private int parentOf(int place) {
    LineageVersion of = versions.get(place);
    int parent = place - 1;
    while (parent >= 0 && !leadsTo(versions.get(parent), of)) {
      parent--;
    }
    return parent;
  }

  /** Earlier builds have left no digests: of them the newest that fits is the one. */
  private static boolean leadsTo(LineageVersion before, LineageVersion of) {
    boolean same =
        of.parentSha256().isEmpty()
            || before.weightsSha256().isEmpty()
            || before.weightsSha256().equals(of.parentSha256());
    return same && before.lastStep() == of.firstStep() - 1;
  }

  /**
   * The versions that lead from some weights to a version, in order, without those weights' own.
   *
   * @param step how many steps are behind the weights
   * @param sha256 the weights' digest
   * @param to the version at the end
   * @return empty where no way leads there from these weights, or it is not all here
   */
  public List<LineageVersion> between(long step, String sha256, LineageVersion to) {
    List<LineageVersion> backward = new ArrayList<>();
    for (int place = versions.indexOf(to); place >= 0; place = parentOf(place)) {
      LineageVersion version = versions.get(place);
      backward.add(version);
      if (version.firstStep() - 1 == step && version.parentSha256().equals(sha256)) {
        Collections.reverse(backward);
        return List.copyOf(backward);
      }
    }
    return List.of();
  }
}
