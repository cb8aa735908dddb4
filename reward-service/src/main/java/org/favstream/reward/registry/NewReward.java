// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.registry;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.favstream.protocol.RewardDefinition;

/**
 * A reward that is asked for.
 *
 * @param name of the reward
 * @param newVersion whether it may be a further version of a name in use
 * @param kind what kind of model
 * @param settings of the kind
 * @param terms members of an ensemble or a sum
 * @param artifact its file
 */
public record NewReward(
    String name,
    boolean newVersion,
    String kind,
    Map<String, String> settings,
    List<Term> terms,
    Optional<RewardDefinition.Artifact> artifact) {
  public NewReward {
    settings = Map.copyOf(settings);
    terms = List.copyOf(terms);
  }

  /**
   * A member.
   *
   * @param reward {@code name@version}, or a name for its newest version
   * @param weight how much it counts
   */
  public record Term(String reward, double weight) {}
}
