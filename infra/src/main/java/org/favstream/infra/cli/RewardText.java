// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the control answers, for people. */
final class RewardText {
  private static final List<String> FIGURES =
      List.of("rank", "rankWithin", "meanShift", "stdRatio", "gradCosine", "gradCosineQ05");

  private RewardText() {}

  /** Columns as wide as what stands in them. */
  static String table(List<List<String>> rows) {
    int columns = rows.get(0).size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int column = 0; column < columns; column++) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < columns; column++) {
        line.append(row.get(column))
            .append(" ".repeat(widths[column] - row.get(column).length() + 2));
      }
      lines.add(line.toString().stripTrailing());
    }
    return String.join("\n", lines);
  }

  static String rewards(JsonNode answer) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("REWARD", "STATE", "KIND", "ADDED BY", "BACKTEST", "SHADOW"));
    for (JsonNode reward : answer.path("rewards")) {
      rows.add(
          List.of(
              reward.path("reward").asText(),
              reward.path("state").asText(),
              kind(reward),
              reward.path("addedBy").asText(),
              reward.has("backtest") ? verdict(reward.path("backtest")) : "",
              reward.has("shadow") ? shadow(reward.path("shadow")) : ""));
    }
    return "run %s\n%s".formatted(answer.path("run").asText(), table(rows));
  }

  private static String kind(JsonNode reward) {
    List<String> terms = new ArrayList<>();
    for (JsonNode term : reward.path("terms")) {
      double weight = term.path("weight").asDouble();
      terms.add((weight == 1 ? "" : number(weight) + " ") + term.path("reward").asText());
    }
    String kind = reward.path("kind").asText();
    String inner = reward.at("/settings/kind").asText();
    return kind
        + (inner.isEmpty() ? "" : " " + inner)
        + (terms.isEmpty() ? "" : " of " + String.join(", ", terms));
  }

  private static String shadow(JsonNode shadow) {
    JsonNode result = shadow.path("result");
    String share = "share " + number(shadow.path("share").asDouble());
    if (result.has("scored")) {
      return "%s, %s groups, rank %s"
          .formatted(share, result.path("scored").asText(), figure(result.path("rank")));
    }
    String control = shadow.path("control").asText();
    return control.isEmpty() ? share : share + ", scored by control " + control;
  }

  /** In a line: whether it passed, and the figure that says most. */
  static String verdict(JsonNode backtest) {
    String gate = backtest.path("gate").asText();
    String verdict = "no gate";
    if (!gate.isEmpty()) {
      verdict = backtest.path("passed").asBoolean() ? "passed" : "refused";
    }
    return "%s, rank %s against %s"
        .formatted(verdict, figure(backtest.at("/result/rank")), backtest.path("against").asText());
  }

  /** All figures of a comparison. */
  static String figures(JsonNode result) {
    List<String> lines = new ArrayList<>();
    for (String name : FIGURES) {
      lines.add("  %-14s %s".formatted(name, figure(result.path(name))));
    }
    lines.add("  %-14s %s".formatted("nonFinite", figure(result.path("nonFinite"))));
    for (String count : List.of("leftOut", "candidateFailed", "skipped", "failed")) {
      if (result.path(count).asLong() > 0) {
        lines.add("  %-14s %s".formatted(count, result.path(count).asText()));
      }
    }
    if (result.has("firstFault")) {
      lines.add("  %-14s %s".formatted("firstFault", result.path("firstFault").asText()));
    }
    return String.join("\n", lines);
  }

  private static String figure(JsonNode value) {
    return value.isNumber() ? String.format(Locale.ROOT, "%.4f", value.asDouble()) : "-";
  }

  private static String number(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }

  static String history(JsonNode answer) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("OFFSET", "AT", "BY", "EVENT", "REWARD", ""));
    for (JsonNode event : answer.path("events")) {
      rows.add(
          List.of(
              event.path("offset").asText(),
              event.path("at").asText(),
              event.path("by").asText(),
              event.path("event").asText(),
              event.path("reward").asText(),
              event.has("void") ? "void: " + event.path("void").asText() : detail(event)));
    }
    return table(rows);
  }

  private static String detail(JsonNode event) {
    return switch (event.path("event").asText()) {
      case "added" -> kind(event);
      case "backtested" -> verdict(event);
      case "shadowed" ->
          event.path("share").asDouble() > 0
              ? "share " + number(event.path("share").asDouble())
              : "ended" + (event.has("result") ? ", rank " + figure(event.at("/result/rank")) : "");
      case "activated", "rolled-back" -> activation(event);
      default -> event.path("alarm").asText() + " " + event.path("detail").asText();
    };
  }

  private static String activation(JsonNode event) {
    long blend = event.path("blendMillis").asLong();
    String reason = event.path("reason").asText();
    return "activation %s%s%s"
        .formatted(
            event.path("activation").asText(),
            blend == 0 ? "" : ", over %s s".formatted(number(blend / 1000.0)),
            reason.isEmpty() ? "" : ", " + reason);
  }

  /** Who is active from where on. */
  static String activated(JsonNode event) {
    return "%s is active: %s; tried on %s"
        .formatted(
            event.path("reward").asText(), activation(event), event.path("checkedOn").asText());
  }
}
