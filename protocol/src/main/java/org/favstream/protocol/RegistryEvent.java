// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

import java.util.List;
import java.util.Map;

/** What happens to the rewards of a run; the state is what follows of the events in their order. */
public sealed interface RegistryEvent {

  /** Of which run, when, and at whose word. */
  Origin origin();

  /**
   * Where an event comes from.
   *
   * @param run the run's id
   * @param atMillis when, since 1970
   * @param by who asked for it
   */
  record Origin(String run, long atMillis, String by) {
    public Origin {
      Fields.notBlank("run", run);
      Fields.notBlank("by", by);
    }
  }

  /** A reward may be asked for: it is a candidate. Of two with one name and version the first. */
  record Added(Origin origin, RewardDefinition definition) implements RegistryEvent {}

  /**
   * A reward was compared with another one on logged groups.
   *
   * @param result as JSON
   * @param gate what was asked of it; empty where nothing was
   * @param failed the gate's conditions that did not hold
   */
  record Backtested(
      Origin origin,
      RewardVersion reward,
      RewardVersion against,
      String result,
      String gate,
      List<String> failed)
      implements RegistryEvent {
    public Backtested {
      failed = List.copyOf(failed);
    }
  }

  /**
   * Live groups are scored by a reward beside the active one, without influence.
   *
   * @param share of the groups; 0 ends it
   * @param result as JSON, where it ends; empty before
   * @param control which control scores; empty where it ends, and in events of builds in which each
   *     did
   */
  record Shadowed(Origin origin, RewardVersion reward, double share, String result, String control)
      implements RegistryEvent {
    public Shadowed {
      if (!(share >= 0 && share <= 1)) {
        throw new IllegalArgumentException("shadow.share must be in [0, 1], got " + share);
      }
    }

    /** Of no control. */
    public Shadowed(Origin origin, RewardVersion reward, double share, String result) {
      this(origin, reward, share, result, "");
    }
  }

  /**
   * A reward is to be the active one.
   *
   * @param number one more than that of the activation in force; of two with one number the first
   *     on the log counts, the other is void
   * @param fence its first group's offset, by partition of the topic generations
   * @param blendMillis over how long it comes in
   * @param rollback whether it goes back to an earlier one
   * @param reason for people; may be empty
   */
  record Activated(
      Origin origin,
      RewardVersion reward,
      long number,
      Map<Integer, Long> fence,
      long blendMillis,
      boolean rollback,
      String reason)
      implements RegistryEvent {
    public Activated {
      Fields.notNegative("activation.number", number - 1);
      Fields.notNegative("activation.blend", blendMillis);
      fence = Map.copyOf(fence);
    }
  }

  /**
   * What watches the run says that something is wrong.
   *
   * @param alarm which one
   * @param weightsVersion at which it was seen
   * @param detail for people
   */
  record Alarmed(Origin origin, String alarm, long weightsVersion, String detail)
      implements RegistryEvent {
    public Alarmed {
      Fields.notBlank("alarm", alarm);
    }
  }
}
