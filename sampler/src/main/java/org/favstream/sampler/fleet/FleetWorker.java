// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.fleet;

import org.favstream.protocol.Noise;
import org.favstream.sampler.noise.NoiseSource;

/**
 * Who acts. All that it draws follows from these and the number of an episode.
 *
 * @param run the run's id
 * @param id unlike any other worker's of the run
 * @param incarnation which start of that worker
 * @param seed the run's
 */
public record FleetWorker(String run, String id, long incarnation, long seed) {
  private static final long SEEDS = 1L << 61;

  /** The name of an episode, unique for ever. */
  String episode(long number) {
    return "%s#%d/%d".formatted(id, incarnation, number);
  }

  /** The seed of the environment in an episode. */
  long episodeSeed(long number) {
    long key = NoiseSource.key(seed, id + "/episodes", incarnation);
    return NoiseSource.longs(new Noise(key, number), 1, SEEDS)[0];
  }

  /** The key of the policy's noise in an episode; a step's counter is its number. */
  long noiseKey(long number) {
    return NoiseSource.key(seed, id + "/" + number, incarnation);
  }
}
