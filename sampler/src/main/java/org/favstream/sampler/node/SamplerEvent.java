// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.node;

import java.time.Duration;

/** What samplers tell whoever watches, on the system's event stream. */
public sealed interface SamplerEvent {

  /** Which sampler. */
  String sampler();

  /**
   * New weights are in use.
   *
   * @param version of the weights
   * @param sincePublication from publication to use
   */
  record Applied(String sampler, long version, Duration sincePublication) implements SamplerEvent {}

  /**
   * Groups were emitted.
   *
   * @param groups how many
   * @param particles in all of them
   */
  record Emitted(String sampler, int groups, long particles) implements SamplerEvent {}
}
