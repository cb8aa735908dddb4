// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.environment;

/**
 * Independent copies of one environment, stepped together. Deterministic: the same seeds and
 * actions give the same numbers. Confined to one thread at a time.
 *
 * <p>An action is in {@code [-1, 1]} in every dimension; the environment clips it and scales it to
 * its own bounds. An episode that ends by termination has reached a state without a future (its
 * value is 0); one that ends by truncation was only cut (its last state has a value).
 */
public interface Environment extends AutoCloseable {

  /**
   * What it is.
   *
   * @param name of the task, such as {@code great-devious-beetle}
   * @param observationSize numbers an observation: {@code o}
   * @param actionSize numbers an action: {@code a}
   * @param copies how many
   */
  record Spec(String name, int observationSize, int actionSize, int copies) {
    public Spec {
      if (observationSize < 1 || actionSize < 1 || copies < 1) {
        throw new IllegalArgumentException(
            "environment %s: observation size %d, action size %d and %d copies must be at least 1"
                .formatted(name, observationSize, actionSize, copies));
      }
    }
  }

  /**
   * What came of an action in every copy.
   *
   * @param observations {@code (copies, o)}, row-major; after the action, also of a copy whose
   *     episode has ended
   * @param rewards {@code (copies)}
   * @param terminated {@code (copies)}
   * @param truncated {@code (copies)}
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never shared
  record Step(float[] observations, float[] rewards, boolean[] terminated, boolean[] truncated) {

    /** Whether a copy's episode is over. */
    public boolean ended(int copy) {
      return terminated[copy] || truncated[copy];
    }
  }

  /** What it is. */
  Spec spec();

  /**
   * Begins an episode in one copy.
   *
   * @param copy which, from 0
   * @param seed of all that is drawn in the episode
   * @return the first observation, {@code (o)}
   * @throws EnvironmentException where it does not answer
   */
  float[] reset(int copy, long seed) throws EnvironmentException;

  /**
   * One step of all copies.
   *
   * @param actions {@code (copies, a)}, row-major
   * @throws EnvironmentException where it does not answer
   * @throws IllegalStateException where an ended copy was not reset
   */
  Step step(float[] actions) throws EnvironmentException;

  @Override
  void close();
}
