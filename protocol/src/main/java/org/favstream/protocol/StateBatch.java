// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

/**
 * States for a policy to act in, drawn from what was lived through, each with reference actions.
 *
 * @param run the run's id
 * @param counter which batch of the run
 * @param observations {@code (states, o)}
 * @param references {@code (states, references, a)}: actions that were taken there
 */
public record StateBatch(String run, long counter, Tensor observations, Tensor references) {
  public StateBatch {
    Fields.notBlank("run", run);
    Fields.notNegative("counter", counter);
    Fields.rank("observations", observations, 2);
    Fields.rank("references", references, 3);
    if (observations.size(0) != references.size(0)) {
      throw new IllegalArgumentException(
          "references %s beside observations %s".formatted(references, observations));
    }
  }
}
