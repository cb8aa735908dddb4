// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.favstream.learner.lineage.LineageVersion;
import org.favstream.learner.node.LineageLog;
import org.favstream.protocol.LineageStep;

/**
 * What made a weights version, as people and machines read it.
 *
 * @param run its run's id
 * @param scores the topic that its groups stand on
 * @param steps its steps, at least one
 * @param parent the version that it was made from; empty where it is not on the log, 0 for the
 *     run's first weights
 * @param configs by digest, the file on disk that has it
 */
public record VersionLineage(
    String run,
    String scores,
    List<LineageStep> steps,
    Optional<Long> parent,
    Map<String, Optional<Path>> configs) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String LATEST = "latest";

  public VersionLineage {
    steps = List.copyOf(steps);
    configs = Map.copyOf(configs);
  }

  /**
   * Finds it.
   *
   * @param version a number, or {@code latest}
   * @throws RunException where there is no such version, saying which there are
   */
  public static VersionLineage of(RecordedRun run, LineageLog log, String version)
      throws RunException {
    long last =
        log.last()
            .orElseThrow(
                () ->
                    new RunException(
                        "run %s has no version with steps yet: version 0 is what it began with"
                            .formatted(run.run())));
    long number = version.equals(LATEST) ? last : Long.parseLong(version);
    List<LineageStep> steps = log.steps(number);
    if (steps.isEmpty()) {
      throw new RunException(missing(run, log, number, last));
    }
    Optional<Long> parent =
        steps.get(0).step() == 1
            ? Optional.of(0L)
            : log.parent(number).map(LineageVersion::version);
    Map<String, Optional<Path>> configs = new LinkedHashMap<>();
    for (LineageStep step : steps) {
      configs.put(step.configSha256(), run.config(step.configSha256()));
    }
    return new VersionLineage(run.run(), run.topics().scores(), steps, parent, configs);
  }

  private static String missing(RecordedRun run, LineageLog log, long number, long last) {
    String range =
        "run %s has versions %d to %d".formatted(run.run(), log.first().orElse(last), last);
    if (number == 0) {
      return "version 0 has no steps: it is the weights that the run began with; " + range;
    }
    Optional<Long> next = log.firstFrom(number);
    if (number > last || next.isEmpty()) {
      return "there is no version %d: %s".formatted(number, range);
    }
    // A learner that lost its newest checkpoints publishes what it goes on with under a new number.
    return "version %d has no steps of its own: %s again, with which the learner went on; %s"
        .formatted(
            number,
            log.parent(next.get())
                .map(parent -> "it is version " + parent.version())
                .orElse("it is an earlier version"),
            range);
  }

  private LineageStep last() {
    return steps.get(steps.size() - 1);
  }

  private LongSummaryStatistics lags() {
    return steps.stream()
        .flatMap(step -> step.groups().stream().map(group -> lag(step, group)))
        .collect(Collectors.summarizingLong(Long::longValue));
  }

  /** In versions, at the time of the step. */
  private static long lag(LineageStep step, LineageStep.GroupPosition group) {
    return step.version() - 1 - group.weightsVersion();
  }

  /** As one JSON object, indented. */
  public String toJson() {
    ObjectNode node = JSON.createObjectNode();
    node.put("run", run).put("version", last().version());
    parent.ifPresentOrElse(number -> node.put("parent", number), () -> node.putNull("parent"));
    node.put("weightsSha256", last().weightsSha256())
        .put("parentSha256", last().parentSha256())
        .put("topic", scores);
    ArrayNode all = node.putArray("steps");
    for (LineageStep step : steps) {
      ObjectNode one = all.addObject();
      one.put("step", step.step()).put("epoch", step.epoch());
      one.putObject("reward")
          .put("name", step.reward().name())
          .put("version", step.reward().version());
      one.put("referenceDraw", step.referenceDraw())
          .put("configSha256", step.configSha256())
          .put("code", step.codeVersion());
      ArrayNode groups = one.putArray("groups");
      for (LineageStep.GroupPosition group : step.groups()) {
        groups
            .addObject()
            .put("partition", group.partition())
            .put("offset", group.offset())
            .put("weightsVersion", group.weightsVersion())
            .put("lag", lag(step, group));
      }
    }
    ObjectNode files = node.putObject("configs");
    configs.forEach((sha256, file) -> files.put(sha256, file.map(Path::toString).orElse(null)));
    node.putObject("total")
        .put("steps", steps.size())
        .put("groups", lags().getCount())
        .put("lagMax", lags().getMax())
        .put("lagMean", lags().getAverage());
    return node.toPrettyString();
  }

  /** For people. */
  public String toText() {
    StringBuilder text = new StringBuilder();
    line(text, "version %d of run %s", last().version(), run);
    line(text, "  weights  %s", orUnknown(last().weightsSha256()));
    line(
        text,
        "  parent   %s  %s",
        orUnknown(last().parentSha256()),
        parent.map(number -> "version " + number).orElse("whose version is not on the log"));
    each(LineageStep::codeVersion).forEach(code -> line(text, "  code     %s", orUnknown(code)));
    configs.forEach(
        (sha256, file) ->
            line(
                text,
                "  config   %s  %s",
                orUnknown(sha256),
                file.map(Path::toString).orElse("which no file here has")));
    each(LineageStep::reward).forEach(reward -> line(text, "  reward   %s", reward));
    for (LineageStep step : steps) {
      line(
          text,
          "  step %d  epoch %d  reference draw %d",
          step.step(),
          step.epoch(),
          step.referenceDraw());
      for (LineageStep.GroupPosition group : step.groups()) {
        line(
            text,
            "    %s partition %d offset %d  made by version %d  lag %d",
            scores,
            group.partition(),
            group.offset(),
            group.weightsVersion(),
            lag(step, group));
      }
    }
    text.append(
        String.format(
            Locale.ROOT,
            "  in all %d steps, %d groups, lag %d at most, %.1f on average",
            steps.size(),
            lags().getCount(),
            lags().getMax(),
            lags().getAverage()));
    return text.toString();
  }

  private <T> List<T> each(Function<LineageStep, T> part) {
    return steps.stream().map(part).distinct().toList();
  }

  private static String orUnknown(String text) {
    return text.isEmpty() ? "unknown: an earlier build has recorded it" : text;
  }

  private static void line(StringBuilder text, String template, Object... values) {
    text.append(String.format(Locale.ROOT, template, values)).append('\n');
  }
}
