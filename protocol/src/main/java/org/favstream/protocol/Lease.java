// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

/**
 * A sampler says that it lives, what it acts on, and how much it has emitted.
 *
 * @param run the run's id
 * @param sampler the sampler's id
 * @param incarnation which start of that sampler
 * @param appliedVersion the weights version it acts on
 * @param emitted groups this incarnation has generated: the next ones are of the applied version or
 *     a newer one
 */
public record Lease(
    String run, String sampler, long incarnation, long appliedVersion, long emitted) {
  public Lease {
    Fields.notBlank("run", run);
    Fields.notBlank("lease.sampler", sampler);
    Fields.notNegative("lease.incarnation", incarnation);
    Fields.notNegative("lease.appliedVersion", appliedVersion);
    Fields.notNegative("lease.emitted", emitted);
  }

  /** The key under which the sampler's groups stand, as {@link GroupId#key()}. */
  public String key() {
    return new GroupId(sampler, incarnation, 0).key();
  }
}
