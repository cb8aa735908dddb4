// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.favstream.infra.report.SvgCurves;

/**
 * What came of two runs of one job beside each other.
 *
 * @param job its name
 * @param seed of both
 * @param a the first
 * @param b the second
 * @param byA metrics of both runs' last weights, measured as a measures
 * @param byB measured as b measures; the same where both measure alike
 */
public record Comparison(String job, long seed, Side a, Side b, Measured byA, Measured byB) {

  /**
   * One of the two.
   *
   * @param changes of the job's configuration
   * @param samplers it had
   * @param report of the run
   * @param readings while it went on
   */
  public record Side(List<String> changes, int samplers, Report report, List<Reading> readings) {
    public Side {
      changes = List.copyOf(changes);
      readings = List.copyOf(readings);
    }
  }

  /**
   * Metrics of both runs' last weights.
   *
   * @param a of the first run's
   * @param b of the second run's
   */
  public record Measured(Map<String, Double> a, Map<String, Double> b) {
    private Set<String> names() {
      Set<String> names = new LinkedHashSet<>(a.keySet());
      names.addAll(b.keySet());
      return names;
    }
  }

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Whether both measure the same of the same weights: else they have other targets. */
  public boolean measuredAlike() {
    return byA.equals(byB);
  }

  /** As one JSON object, indented. */
  public String toJson() {
    ObjectNode node = JSON.createObjectNode();
    node.put("job", job).put("seed", seed);
    node.set("a", json(a));
    node.set("b", json(b));
    node.put("measuredAlike", measuredAlike());
    node.set("byA", json(byA));
    node.set("byB", json(byB));
    return node.toPrettyString();
  }

  private static ObjectNode json(Side side) {
    ObjectNode node = JSON.createObjectNode();
    ArrayNode changes = node.putArray("set");
    side.changes().forEach(changes::add);
    node.put("samplers", side.samplers());
    try {
      node.set("report", JSON.readTree(side.report().toJson()));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a report is JSON", e);
    }
    ArrayNode readings = node.putArray("readings");
    for (Reading reading : side.readings()) {
      ObjectNode one = readings.addObject();
      one.put("t", reading.seconds()).put("step", reading.step());
      one.set("metrics", Report.nested(reading.metrics()));
    }
    return node;
  }

  private static ObjectNode json(Measured measured) {
    ObjectNode node = JSON.createObjectNode();
    node.set("a", Report.nested(measured.a()));
    node.set("b", Report.nested(measured.b()));
    ObjectNode differences = node.putObject("difference");
    for (String name : measured.names()) {
      double difference = difference(measured, name);
      if (Double.isFinite(difference)) {
        differences.put(name, difference);
      } else {
        differences.putNull(name);
      }
    }
    return node;
  }

  private static double difference(Measured measured, String name) {
    return measured.b().getOrDefault(name, Double.NaN)
        - measured.a().getOrDefault(name, Double.NaN);
  }

  /** For people. */
  public String toText() {
    StringBuilder text = new StringBuilder();
    line(text, "%s, seed %d", job, seed);
    side(text, "a", a);
    side(text, "b", b);
    line(text, "  %-22s %12s %12s %12s", "", "a", "b", "b - a");
    row(text, "steps", a.report().steps(), b.report().steps());
    row(text, "generations", a.report().generations(), b.report().generations());
    row(text, "refused", a.report().refused(), b.report().refused());
    row(text, "lag at most", a.report().lag().max(), b.report().lag().max());
    row(text, "lag on average", a.report().lag().mean(), b.report().lag().mean());
    row(text, "seconds", a.report().seconds(), b.report().seconds());
    if (measuredAlike()) {
      metrics(text, byA);
    } else {
      line(text, "measured against a's target");
      metrics(text, byA);
      line(text, "measured against b's target");
      metrics(text, byB);
    }
    return text.toString();
  }

  private static void side(StringBuilder text, String name, Side side) {
    line(
        text,
        "  %s  run %s, %d sampler%s, %s",
        name,
        side.report().run(),
        side.samplers(),
        side.samplers() == 1 ? "" : "s",
        side.changes().isEmpty() ? "as the job is" : String.join(" ", side.changes()));
  }

  private static void metrics(StringBuilder text, Measured measured) {
    for (String name : measured.names()) {
      row(
          text,
          name,
          measured.a().getOrDefault(name, Double.NaN),
          measured.b().getOrDefault(name, Double.NaN));
    }
  }

  private static void row(StringBuilder text, String name, double a, double b) {
    line(text, "  %-22s %12s %12s %12s", name, number(a), number(b), number(b - a));
  }

  private static String number(double value) {
    boolean whole = value == Math.rint(value) && Math.abs(value) < 1e15;
    return String.format(Locale.ROOT, whole ? "%,.0f" : "%.4f", value);
  }

  private static void line(StringBuilder text, String template, Object... values) {
    text.append(String.format(Locale.ROOT, template, values)).append('\n');
  }

  /** The metrics of both over steps, as SVG; groups of metrics are left out. */
  public String picture() {
    Set<String> names = new LinkedHashSet<>();
    for (Side side : List.of(a, b)) {
      side.readings().forEach(reading -> names.addAll(reading.metrics().keySet()));
    }
    List<SvgCurves.Chart> charts = new ArrayList<>();
    for (String name : names) {
      if (name.indexOf('.') < 0) {
        boolean alike =
            Objects.equals(byA.a().get(name), byB.a().get(name))
                && Objects.equals(byA.b().get(name), byB.b().get(name));
        charts.add(
            new SvgCurves.Chart(
                alike ? name : name + ", each against its own target",
                "learner step",
                "",
                List.of(curve("a", a, name), curve("b", b, name))));
      }
    }
    return SvgCurves.of(charts);
  }

  private static SvgCurves.Curve curve(String label, Side side, String metric) {
    List<Reading> readings =
        side.readings().stream().filter(reading -> reading.metrics().containsKey(metric)).toList();
    String name =
        side.changes().isEmpty() ? label : label + ": " + String.join(" ", side.changes());
    return new SvgCurves.Curve(
        name,
        readings.stream().mapToDouble(Reading::step).toArray(),
        readings.stream()
            .mapToDouble(reading -> reading.metrics().getOrDefault(metric, Double.NaN))
            .toArray());
  }
}
