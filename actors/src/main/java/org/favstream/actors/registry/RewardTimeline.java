// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.registry;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.favstream.protocol.RegistryEvent;
import org.favstream.protocol.RewardVersion;

/**
 * The activations of a run, in their order. An activation is a fence in the log: it records an
 * offset for every partition of the topic generations, and the groups from there on are its own. So
 * reward actors that come late, and those that score again, agree. Immutable.
 */
public final class RewardTimeline {

  /**
   * A stretch of the log with one reward.
   *
   * @param number from 0, the job's own reward
   * @param fence its first group's offset, by partition; 0 where none is named
   * @param atMillis when, since 1970
   * @param blendMillis over how long it came in
   */
  public record Activation(
      long number,
      RewardVersion reward,
      Map<Integer, Long> fence,
      long atMillis,
      long blendMillis) {
    public Activation {
      fence = Map.copyOf(fence);
    }

    private long first(int partition) {
      return fence.getOrDefault(partition, 0L);
    }

    /**
     * How much this reward counts for a group, in [0, 1]; the rest is that of the one before.
     *
     * @param createdAtMillis when the group was made, since 1970
     */
    public double weight(long createdAtMillis) {
      if (blendMillis == 0) {
        return 1;
      }
      return Math.min(1, Math.max(0, (createdAtMillis - atMillis) / (double) blendMillis));
    }
  }

  private final List<Activation> activations;

  private RewardTimeline(List<Activation> activations) {
    this.activations = List.copyOf(activations);
  }

  /**
   * A run that has the job's own reward from the beginning.
   *
   * @param reward the job's own
   */
  public static RewardTimeline of(RewardVersion reward) {
    return new RewardTimeline(List.of(new Activation(0, reward, Map.of(), 0, 0)));
  }

  /**
   * With what an event changes, or the same where it changes nothing: it is no activation, or one
   * that lost to another of its number.
   */
  public RewardTimeline with(RegistryEvent event) {
    if (!(event instanceof RegistryEvent.Activated next)
        || next.number() != current().number() + 1) {
      return this;
    }
    List<Activation> all = new ArrayList<>(activations);
    all.add(
        new Activation(
            next.number(),
            next.reward(),
            next.fence(),
            next.origin().atMillis(),
            next.blendMillis()));
    return new RewardTimeline(all);
  }

  /** The one in force. */
  public Activation current() {
    return activations.get(activations.size() - 1);
  }

  /**
   * A stretch by its number.
   *
   * @throws IndexOutOfBoundsException where there is none
   */
  public Activation get(long number) {
    return activations.get(Math.toIntExact(number));
  }

  /** Whose a group is. */
  public Activation at(int partition, long offset) {
    for (int i = activations.size() - 1; i > 0; i--) {
      if (activations.get(i).first(partition) <= offset) {
        return activations.get(i);
      }
    }
    return activations.get(0);
  }

  /** The one before, of which a part still counts where a reward comes in gradually. */
  public Optional<Activation> before(Activation activation) {
    return activation.number() == 0 ? Optional.empty() : Optional.of(get(activation.number() - 1));
  }

  /**
   * The first offset whose reward someone may have mistaken who knew the activations up to a number
   * only; {@link Long#MAX_VALUE} where there is none.
   */
  public long changedSince(long number, int partition) {
    long first = Long.MAX_VALUE;
    for (Activation later : activations) {
      if (later.number() > number) {
        first = Math.min(first, later.first(partition));
      }
    }
    return first;
  }
}
