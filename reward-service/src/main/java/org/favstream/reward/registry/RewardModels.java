// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.registry;

import org.favstream.protocol.RewardDefinition;
import org.favstream.reward.model.RewardModel;

/** Makes reward models of their definitions. Called by several threads. */
@FunctionalInterface
public interface RewardModels {

  /**
   * The model of a definition, which the caller closes; it is confined to one thread at a time.
   *
   * @throws RuntimeException where it cannot be made: its kind is unknown, its settings are not
   *     sound, a member or a file is missing; the message says which
   */
  RewardModel open(RewardDefinition definition);
}
