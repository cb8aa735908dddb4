// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

import java.util.Map;

/**
 * What the samplers may emit from a weights version on. A sampler uses the newest credits whose
 * version it has already applied.
 *
 * @param run the run's id
 * @param epoch which life of the learner grants them
 * @param version the weights version they come with
 * @param granted by {@link Lease#key()}: how many groups that incarnation may have emitted in all
 */
public record Credits(String run, long epoch, long version, Map<String, Long> granted) {
  public Credits {
    Fields.notBlank("run", run);
    Fields.notNegative("credits.epoch", epoch);
    Fields.notNegative("credits.version", version);
    granted = Map.copyOf(granted);
  }
}
