// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

import java.util.Optional;

/**
 * One group: a block of particles made by one weights version, for one or more contexts.
 *
 * @param run the run's id
 * @param id the group's name
 * @param weightsVersion the publication number of the weights that made it
 * @param noise the noise it was made of
 * @param contexts {@code (contexts, context size)}; empty for an unconditional generator
 * @param particles {@code (contexts, particles, d)}
 * @param references {@code (contexts, references, d)}, where the context brings its own; else empty
 * @param createdAtMillis wall time of emission, in ms since the epoch
 */
public record Generation(
    String run,
    GroupId id,
    long weightsVersion,
    Noise noise,
    Optional<Tensor> contexts,
    Tensor particles,
    Optional<Tensor> references,
    long createdAtMillis) {
  public Generation {
    Fields.notBlank("run", run);
    Fields.notNegative("weightsVersion", weightsVersion);
    Fields.notNegative("createdAtMillis", createdAtMillis);
    Fields.rank("particles", particles, 3);
    Tensor block = particles;
    contexts.ifPresent(
        tensor -> {
          Fields.rank("contexts", tensor, 2);
          requireSame("contexts", block, tensor, 0);
        });
    references.ifPresent(
        tensor -> {
          Fields.rank("references", tensor, 3);
          requireSame("contexts of references", block, tensor, 0);
          requireSame("d of references", block, tensor, 2);
        });
  }

  private static void requireSame(String what, Tensor particles, Tensor other, int axis) {
    if (particles.size(axis) != other.size(axis)) {
      throw new IllegalArgumentException(
          "%s: got %s beside particles %s".formatted(what, other, particles));
    }
  }
}
