// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.environment;

/**
 * Transitions of one environment, in the order in which they were lived through, episode after
 * episode.
 *
 * @param environment the task's name
 * @param observationSize numbers an observation: {@code o}
 * @param actionSize numbers an action: {@code a}
 * @param observations {@code (n, o)}, row-major
 * @param actions {@code (n, a)}, row-major, in {@code [-1, 1]}
 * @param rewards {@code (n)}
 * @param nextObservations {@code (n, o)}, row-major
 * @param terminated {@code (n)}: the episode ended here in a state without a future
 * @param truncated {@code (n)}: the episode was cut here
 */
@SuppressWarnings("ArrayRecordComponent") // large, handed over, never written to
public record TransitionSet(
    String environment,
    int observationSize,
    int actionSize,
    float[] observations,
    float[] actions,
    float[] rewards,
    float[] nextObservations,
    boolean[] terminated,
    boolean[] truncated) {

  /** Refuses arrays whose sizes contradict each other. */
  public TransitionSet {
    int n = rewards.length;
    require(environment, "observations", observations.length, n * observationSize);
    require(environment, "actions", actions.length, n * actionSize);
    require(environment, "next observations", nextObservations.length, n * observationSize);
    require(environment, "terminated", terminated.length, n);
    require(environment, "truncated", truncated.length, n);
  }

  private static void require(String environment, String what, int got, int expected) {
    if (got != expected) {
      throw new IllegalArgumentException(
          "transitions of %s: %s hold %d numbers, expected %d"
              .formatted(environment, what, got, expected));
    }
  }

  /** How many transitions there are: {@code n}. */
  public int size() {
    return rewards.length;
  }
}
