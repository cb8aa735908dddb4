// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.reaction;

import static org.favstream.sampler.reaction.ReactionSystem.SPECIES;

import java.util.Arrays;

/**
 * The accepted steps of one rollout, written forward by {@link ReactionIntegrator} and read
 * backward by {@link ReactionAdjoint}. It grows when a rollout needs more than any before it, and
 * never shrinks, so a warm tape allocates nothing.
 *
 * <p>Step {@code n} lies at {@code n * STRIDE} of {@link #states}: the state at its start, then
 * those at its second and third stage; the start of step {@code n + 1} is the end of step {@code
 * n}.
 */
final class ReactionTape {
  /** Numbers per step. */
  static final int STRIDE = 3 * SPECIES;

  private static final int FIRST_CAPACITY = 128;

  /** The states, {@link #STRIDE} numbers a step. */
  double[] states = new double[FIRST_CAPACITY * STRIDE];

  /** Length in time of each step. */
  double[] lengths = new double[FIRST_CAPACITY];

  /**
   * Per step, which pushed species stood still at zero: eight bits for each of the three stages.
   */
  int[] still = new int[FIRST_CAPACITY];

  /** Per step, which species were raised to zero at its end: one bit a species. */
  int[] raised = new int[FIRST_CAPACITY];

  /** How many steps there are. */
  int steps;

  /** Starts anew from a state. */
  void reset(double[] state) {
    steps = 0;
    System.arraycopy(state, 0, states, 0, SPECIES);
  }

  /** Makes room for one more step and the state at its end. */
  void reserve() {
    if ((steps + 2) * STRIDE > states.length) {
      int capacity = 2 * lengths.length;
      states = Arrays.copyOf(states, capacity * STRIDE);
      lengths = Arrays.copyOf(lengths, capacity);
      still = Arrays.copyOf(still, capacity);
      raised = Arrays.copyOf(raised, capacity);
    }
  }

  /** Where the current state begins. */
  int head() {
    return steps * STRIDE;
  }
}
