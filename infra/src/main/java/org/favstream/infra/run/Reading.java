// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.favstream.actors.runtime.Faults;

/**
 * What the evaluator read while a run went on.
 *
 * @param seconds since the run's start
 * @param step learner steps behind the weights
 * @param metrics by name
 */
public record Reading(double seconds, long step, Map<String, Double> metrics) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Those of a run, in order.
   *
   * @param file its {@code metrics.jsonl}; one that is missing has none
   * @throws RunException where the file cannot be read
   */
  static List<Reading> all(Path file) throws RunException {
    List<Reading> readings = new ArrayList<>();
    try {
      for (String line : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
        JsonNode node = JSON.readTree(line);
        if (node.has("metrics")) {
          readings.add(
              new Reading(
                  node.path("t").asDouble(),
                  node.path("step").asLong(),
                  Report.flat(node.path("metrics"))));
        }
      }
      return readings;
    } catch (IOException e) {
      throw new RunException("%s: %s".formatted(file, Faults.describe(e)), e);
    }
  }
}
