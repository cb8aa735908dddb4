// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import java.time.Duration;

/** What reward actors tell whoever watches, on the system's event stream. */
public sealed interface RewardEvent {

  /**
   * Groups were worked on, and what came of them was sent: scores, or refusals.
   *
   * @param groups how many
   * @param spent by the worker, with what it waited for
   */
  record Scored(int groups, Duration spent) implements RewardEvent {}

  /**
   * A record could not be scored.
   *
   * @param reason for people
   */
  record Refused(String reason) implements RewardEvent {}

  /**
   * Groups wait for a reward that is not there at the moment.
   *
   * @param reason for people
   */
  record Waiting(String reason) implements RewardEvent {}

  /** A reward that groups waited for is there again, or they wait for it no longer. */
  record GoesOn() implements RewardEvent {}
}
