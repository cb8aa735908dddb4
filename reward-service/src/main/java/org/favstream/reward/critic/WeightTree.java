// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.critic;

/**
 * Whole weights of slots and where a number falls among their running sums (Fenwick 1994): both
 * {@code O(log slots)}, and exact.
 */
final class WeightTree {
  private final long[] sums;
  private final long[] weights;
  private final int highest;
  private long total;

  WeightTree(int slots) {
    this.sums = new long[slots + 1];
    this.weights = new long[slots];
    this.highest = Integer.highestOneBit(slots);
  }

  /** The sum of all weights. */
  long total() {
    return total;
  }

  /** Gives a slot a weight in place of the one it had. */
  void set(int slot, long weight) {
    long change = weight - weights[slot];
    weights[slot] = weight;
    total += change;
    for (int i = slot + 1; i < sums.length; i += i & -i) {
      sums[i] += change;
    }
  }

  /**
   * The slot in whose stretch a number falls, where each slot has a stretch as long as its weight.
   *
   * @param at in [0, total)
   */
  int slotOf(long at) {
    int slot = 0;
    long left = at;
    for (int step = highest; step > 0; step >>= 1) {
      if (slot + step < sums.length && sums[slot + step] <= left) {
        slot += step;
        left -= sums[slot];
      }
    }
    return slot;
  }
}
