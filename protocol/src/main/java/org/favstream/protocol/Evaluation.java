// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The evaluator's reading of one pinned weights version.
 *
 * @param run the run's id
 * @param version the weights version that was evaluated
 * @param step learner steps behind it
 * @param metrics by name, in the evaluator's order
 */
public record Evaluation(String run, long version, long step, Map<String, Double> metrics) {
  public Evaluation {
    Fields.notBlank("run", run);
    Fields.notNegative("evaluation.version", version);
    Fields.notNegative("evaluation.step", step);
    metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
  }
}
