// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

/**
 * The noise behind a group: key and counter of the counter-based generator, never its numbers.
 *
 * @param key the generator's key, made of the run's seed and the sampler
 * @param counter the group's place in that sequence
 */
public record Noise(long key, long counter) {
  public Noise {
    Fields.notNegative("noise.counter", counter);
  }
}
