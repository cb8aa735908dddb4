// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a reward model is made of; with it any node makes the model.
 *
 * @param reward its name and version
 * @param kind what kind of model, as the reward service names them
 * @param settings of the kind
 * @param terms members of an ensemble or a sum
 * @param artifact its file, on the topic reward-artifacts
 * @param particleSize numbers a particle, {@code d}
 * @param contextSize numbers a context
 */
public record RewardDefinition(
    RewardVersion reward,
    String kind,
    Map<String, String> settings,
    List<Term> terms,
    Optional<Artifact> artifact,
    int particleSize,
    int contextSize) {
  public RewardDefinition {
    Fields.notBlank("definition.kind", kind);
    Fields.notNegative("definition.particleSize", particleSize);
    Fields.notNegative("definition.contextSize", contextSize);
    settings = Map.copyOf(settings);
    terms = List.copyOf(terms);
  }

  /** A member, and how much it counts. */
  public record Term(RewardVersion reward, double weight) {}

  /**
   * A file, by its content.
   *
   * @param sha256 lower-case hex
   * @param size in bytes
   */
  public record Artifact(String sha256, long size) {
    public Artifact {
      Fields.digest("artifact.sha256", sha256);
      Fields.notNegative("artifact.size", size);
    }
  }
}
