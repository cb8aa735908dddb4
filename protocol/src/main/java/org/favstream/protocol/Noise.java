// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

/**
 * The noise behind a group: key and counter of the counter-based generator, never its numbers.
 *
 * @param key the generator's key, made of the run's seed and the sampler
 * @param counter the group's place in that sequence
 * @param kind how the group's samples go together
 */
public record Noise(long key, long counter, Kind kind) {

  /** How the noise of a group's samples goes together; of each by itself it is standard normal. */
  public enum Kind {
    /** Each sample's by itself. */
    INDEPENDENT,
    /**
     * Spread evenly: the points of a sequence of low discrepancy, shifted as a whole at random. Of
     * more than 16 numbers a sample as the other kind.
     */
    QUASI_RANDOM
  }

  public Noise {
    Fields.notNegative("noise.counter", counter);
  }

  /** Of independent samples. */
  public Noise(long key, long counter) {
    this(key, counter, Kind.INDEPENDENT);
  }
}
