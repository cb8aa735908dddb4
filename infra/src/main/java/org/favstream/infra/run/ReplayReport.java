// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.run;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.favstream.learner.node.Replay;

/**
 * What came of a replay.
 *
 * @param run its run's id
 * @param from the version whose weights it began from
 * @param to the last version that was to be made again
 * @param versions those that were compared: all, or up to the first that differs
 * @param superseded versions in between that lead nowhere: the learner lost them
 * @param steps that were taken again
 * @param seconds it took
 * @param notes what one should know
 */
public record ReplayReport(
    String run,
    long from,
    long to,
    List<Replay.Compared> versions,
    List<Long> superseded,
    long steps,
    double seconds,
    List<String> notes) {
  private static final ObjectMapper JSON = new ObjectMapper();

  public ReplayReport {
    versions = List.copyOf(versions);
    superseded = List.copyOf(superseded);
    notes = List.copyOf(notes);
  }

  /** The first version that differs. */
  public Optional<Replay.Compared> differing() {
    return versions.stream().filter(version -> !version.agrees()).findFirst();
  }

  /** As one JSON object, indented. */
  public String toJson() {
    ObjectNode node = JSON.createObjectNode();
    node.put("run", run).put("from", from).put("to", to).put("agrees", differing().isEmpty());
    node.put("steps", steps).put("seconds", seconds);
    ArrayNode all = node.putArray("versions");
    for (Replay.Compared version : versions) {
      all.addObject()
          .put("version", version.version())
          .put("step", version.step())
          .put("recordedSha256", version.recorded())
          .put("madeSha256", version.made())
          .put("agrees", version.agrees());
    }
    ArrayNode lost = node.putArray("superseded");
    superseded.forEach(lost::add);
    ArrayNode said = node.putArray("notes");
    notes.forEach(said::add);
    return node.toPrettyString();
  }

  /** For people. */
  public String toText() {
    StringBuilder text = new StringBuilder();
    notes.forEach(note -> line(text, "note: %s", note));
    if (!superseded.isEmpty()) {
      line(text, "lost by the learner and made by no one again: versions %s", superseded);
    }
    Optional<Replay.Compared> other = differing();
    long agreeing = versions.stream().filter(Replay.Compared::agrees).count();
    line(
        text,
        "version %d to version %d of run %s: %d steps taken again in %.1f s, %d versions agree",
        from,
        to,
        run,
        steps,
        seconds,
        agreeing);
    other.ifPresentOrElse(
        version -> {
          line(text, "version %d (step %d) differs", version.version(), version.step());
          line(text, "  recorded  %s", version.recorded());
          line(text, "  made      %s", version.made());
          text.append("  what comes after it builds on it, and is not compared");
        },
        () -> text.append("all agree: version ").append(to).append(" is ").append(last()));
    return text.toString();
  }

  private String last() {
    return versions.get(versions.size() - 1).made();
  }

  private static void line(StringBuilder text, String template, Object... values) {
    text.append(String.format(Locale.ROOT, template, values)).append('\n');
  }
}
