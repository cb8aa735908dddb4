// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.favstream.infra.report.SvgCurves;
import org.favstream.infra.report.SvgCurves.Chart;
import org.favstream.infra.report.SvgCurves.Curve;
import org.favstream.reward.evaluation.GoldWatch;

/**
 * What was watched, over weights versions: the active reward against gold, and the distance to the
 * reference.
 */
final class WatchPicture {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ACROSS = "weights version";

  /** As many letters as stand below a chart. */
  private static final int MOST_LETTERS = 64;

  /** How much more than a curve's own range a chart may show, before the curve looks flat. */
  private static final double MOST_SCALES = 10;

  private record Reading(double activation, double proxy, double gold, double distance) {}

  private record Swap(long version, String reward) {}

  private final TreeMap<Long, Reading> readings = new TreeMap<>();

  /**
   * Adds the readings of {@code metrics.jsonl}. A line that is no JSON, as a crash may leave one,
   * is passed over.
   */
  void read(Path metricsFile) throws IOException {
    if (!Files.exists(metricsFile)) {
      return; // the run was too short for a line
    }
    try (Stream<String> lines = Files.lines(metricsFile)) {
      for (String line : (Iterable<String>) lines::iterator) {
        read(line);
      }
    }
  }

  private void read(String line) {
    JsonNode node;
    try {
      node = JSON.readTree(line);
    } catch (JsonProcessingException e) {
      return;
    }
    Map<String, Double> metrics = new HashMap<>();
    for (Map.Entry<String, JsonNode> metric : node.at("/metrics/watch").properties()) {
      metrics.put("watch." + metric.getKey(), metric.getValue().asDouble(Double.NaN));
    }
    add(node.path("version").asLong(), metrics);
  }

  /**
   * Adds a reading, if it is one of a watch. A run that went on from a checkpoint has made later
   * versions anew: what was read of them before goes.
   */
  void add(long version, Map<String, Double> metrics) {
    Double activation = metrics.get(GoldWatch.ACTIVATION);
    if (activation == null) {
      return;
    }
    readings.tailMap(version, true).clear();
    readings.put(
        version,
        new Reading(
            activation,
            metrics.getOrDefault(GoldWatch.PROXY, Double.NaN),
            metrics.getOrDefault(GoldWatch.GOLD, Double.NaN),
            metrics.getOrDefault(GoldWatch.DISTANCE, Double.NaN)));
  }

  /** Whether nothing was watched. */
  boolean isEmpty() {
    return readings.isEmpty();
  }

  /**
   * The charts, side by side, with a mark wherever the reward was swapped.
   *
   * @param rewards name of an activation's reward
   */
  String svg(LongFunction<String> rewards) {
    List<Swap> swaps = swaps(rewards);
    Curve proxy = curve("active reward", Reading::proxy);
    Curve gold = curve("gold reward", Reading::gold);
    List<Chart> charts = new ArrayList<>();
    if (areOfOneScale(proxy, gold)) {
      charts.add(chart("Active reward against gold", swaps, List.of(proxy, gold)));
    } else {
      charts.add(chart("Active reward", swaps, List.of(proxy)));
      charts.add(chart("Gold reward", swaps, List.of(gold)));
    }
    charts.add(
        new Chart(
            "Distance to the reference",
            ACROSS,
            "root mean square",
            List.of(curve("distance", Reading::distance))));
    return SvgCurves.of(charts);
  }

  /** Whether each of them would be seen to rise and fall beside the other. */
  private static boolean areOfOneScale(Curve one, Curve other) {
    double both = span(List.of(one, other));
    return MOST_SCALES * span(List.of(one)) >= both && MOST_SCALES * span(List.of(other)) >= both;
  }

  private static Chart chart(String title, List<Swap> swaps, List<Curve> curves) {
    List<Curve> all = new ArrayList<>(curves);
    if (!swaps.isEmpty()) {
      all.add(marks(swaps, curves));
    }
    return new Chart(title, across(swaps), "mean reward", all);
  }

  private Curve curve(String name, ToDoubleFunction<Reading> value) {
    return new Curve(
        name,
        readings.keySet().stream().mapToDouble(Long::doubleValue).toArray(),
        readings.values().stream().mapToDouble(value).toArray());
  }

  private List<Swap> swaps(LongFunction<String> rewards) {
    List<Swap> swaps = new ArrayList<>();
    double before = readings.firstEntry().getValue().activation();
    for (Map.Entry<Long, Reading> entry : readings.entrySet()) {
      double now = entry.getValue().activation();
      if (now != before) {
        swaps.add(new Swap(entry.getKey(), rewards.apply((long) now)));
      }
      before = now;
    }
    return swaps;
  }

  /** One curve for all: it goes up and down at each, and from one to the next at the bottom. */
  private static Curve marks(List<Swap> swaps, Collection<Curve> among) {
    double low = values(among).min().orElse(0);
    double high = values(among).max().orElse(1);
    return new Curve(
        "swap",
        swaps.stream().flatMapToDouble(swap -> xs(swap.version())).toArray(),
        swaps.stream().flatMapToDouble(swap -> DoubleStream.of(low, high, low)).toArray());
  }

  private static double span(Collection<Curve> curves) {
    return values(curves).max().orElse(0) - values(curves).min().orElse(0);
  }

  private static DoubleStream values(Collection<Curve> curves) {
    return curves.stream()
        .flatMapToDouble(curve -> DoubleStream.of(curve.y()))
        .filter(Double::isFinite);
  }

  private static DoubleStream xs(double version) {
    return DoubleStream.of(version, version, version);
  }

  /** The axis' name with the last swaps, as many as there is room for. */
  private static String across(List<Swap> swaps) {
    String text = "";
    for (int i = swaps.size() - 1; i >= 0; i--) {
      Swap swap = swaps.get(i);
      String more = "%s from %d".formatted(swap.reward(), swap.version());
      String longer = text.isEmpty() ? more : more + ", " + text;
      if (!text.isEmpty() && ACROSS.length() + longer.length() > MOST_LETTERS) {
        text = "…, " + text;
        break;
      }
      text = longer;
    }
    return text.isEmpty() ? ACROSS : ACROSS + " (" + text + ")";
  }
}
