// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import org.favstream.reward.critic.CriticTrainer;

/** What a critic's trainer tells whoever watches, on the system's event stream. */
public sealed interface CriticEvent {

  /**
   * A version was published.
   *
   * @param version of the critics
   * @param updates behind it
   * @param transitions in the replay buffer
   * @param outcome of the last update
   */
  record Published(long version, long updates, int transitions, CriticTrainer.Outcome outcome)
      implements CriticEvent {}

  /**
   * Transitions were not taken.
   *
   * @param reason for people
   */
  record Refused(String reason) implements CriticEvent {}
}
