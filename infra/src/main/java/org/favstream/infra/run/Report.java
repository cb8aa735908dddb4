// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What came of a run; the object of {@code report.json} and of {@code --json}.
 *
 * @param job its name
 * @param run its id
 * @param seed of everything that was drawn
 * @param reward which one was active in the end
 * @param weightsVersion of the weights that the metrics are about
 * @param steps learner steps
 * @param generations particles that were trained on
 * @param refused groups that were not
 * @param lag of the groups, in versions
 * @param seconds of wall time, without the start and the last evaluation
 * @param metrics by name; {@code a.b} is metric {@code b} of the group {@code a}
 */
public record Report(
    String job,
    String run,
    long seed,
    String reward,
    long weightsVersion,
    long steps,
    long generations,
    long refused,
    Lag lag,
    double seconds,
    Map<String, Double> metrics) {

  /**
   * How old the groups' weights were.
   *
   * @param max the oldest, in versions
   * @param mean in versions
   */
  public record Lag(long max, double mean) {}

  private static final ObjectMapper JSON = new ObjectMapper();

  /** The same run measured anew. */
  public Report withMetrics(Map<String, Double> other) {
    return new Report(
        job, run, seed, reward, weightsVersion, steps, generations, refused, lag, seconds, other);
  }

  /** As one JSON object, indented; a metric that is not finite is null. */
  public String toJson() {
    ObjectNode node = JSON.valueToTree(this);
    node.set("metrics", nested(metrics));
    return node.toPrettyString();
  }

  /** Metrics alone as one JSON object, indented. */
  public static String metricsJson(Map<String, Double> metrics) {
    return nested(metrics).toPrettyString();
  }

  /** Metrics as JSON, groups nested. */
  static ObjectNode nested(Map<String, Double> metrics) {
    ObjectNode node = JSON.createObjectNode();
    metrics.forEach(
        (name, value) -> {
          int dot = name.indexOf('.');
          ObjectNode into = dot < 0 ? node : node.withObjectProperty(name.substring(0, dot));
          String key = name.substring(dot + 1);
          if (!Double.isFinite(value)) {
            into.putNull(key);
          } else if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            into.put(key, (long) (double) value);
          } else {
            into.put(key, value);
          }
        });
    return node;
  }

  /**
   * Reads a report.
   *
   * @throws RunException where the text is none
   */
  public static Report parse(String text, String name) throws RunException {
    try {
      JsonNode node = JSON.readTree(text);
      Map<String, Double> metrics = flat(node.path("metrics"));
      return new Report(
          node.required("job").asText(),
          node.required("run").asText(),
          node.required("seed").asLong(),
          node.path("reward").asText(),
          node.required("weightsVersion").asLong(),
          node.required("steps").asLong(),
          node.required("generations").asLong(),
          node.required("refused").asLong(),
          new Lag(node.at("/lag/max").asLong(), node.at("/lag/mean").asDouble()),
          node.required("seconds").asDouble(),
          metrics);
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new RunException("%s is no report: %s".formatted(name, e.getMessage()), e);
    }
  }

  /** Metrics out of JSON, groups flattened. */
  static Map<String, Double> flat(JsonNode metrics) {
    Map<String, Double> flat = new LinkedHashMap<>();
    flatten("", metrics, flat);
    return flat;
  }

  private static void flatten(String prefix, JsonNode node, Map<String, Double> into) {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      if (field.getValue().isObject()) {
        flatten(prefix + field.getKey() + ".", field.getValue(), into);
      } else {
        into.put(prefix + field.getKey(), field.getValue().asDouble(Double.NaN));
      }
    }
  }
}
