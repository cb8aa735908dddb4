// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.favstream.actors.runtime.Faults;

/**
 * How others reach a run while it goes on: {@code live.json} in its folder, there from its start to
 * its end. Fields that a reader does not know are passed over.
 *
 * @param run its id
 * @param bootstrapServers where its log is
 * @param pid of its process
 * @param controlUrl where it is controlled from; empty where it is not
 */
public record LiveRun(String run, String bootstrapServers, long pid, String controlUrl) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String FILE = "live.json";

  /**
   * The run that goes on in a folder now. One whose process was killed has left its file behind,
   * but holds its folder no longer.
   *
   * @throws RunException where the file cannot be read
   */
  public static Optional<LiveRun> read(Path folder) throws RunException {
    Path file = folder.resolve(FILE);
    try {
      JsonNode node = JSON.readTree(Files.readString(file));
      LiveRun found =
          new LiveRun(
              node.path("run").asText(),
              node.path("bootstrapServers").asText(),
              node.path("pid").asLong(),
              node.path("controlUrl").asText());
      return RunFolder.isHeld(folder) ? Optional.of(found) : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new RunException("%s: %s".formatted(file, Faults.describe(e)), e);
    }
  }

  /**
   * The only run that goes on below a folder of runs.
   *
   * @throws RunException where there is none, or more than one
   */
  public static LiveRun only(Path runs) throws RunException {
    List<Path> folders = List.of();
    if (Files.isDirectory(runs)) {
      try (Stream<Path> all = Files.list(runs)) {
        folders = all.sorted().toList();
      } catch (IOException e) {
        throw new RunException("%s: %s".formatted(runs, Faults.describe(e)), e);
      }
    }
    Map<Path, LiveRun> live = new LinkedHashMap<>();
    for (Path folder : folders) {
      Optional<LiveRun> found = read(folder);
      found.ifPresent(run -> live.put(folder, run));
    }
    if (live.size() != 1) {
      throw new RunException(
          live.isEmpty()
              ? "no run goes on below %s: name its folder with --run, or its control with --url"
                  .formatted(runs)
              : "%d runs go on below %s: name one's folder with --run: %s"
                  .formatted(live.size(), runs, live.keySet()));
    }
    return live.values().iterator().next();
  }

  /**
   * Says that the run goes on.
   *
   * @return says that it does no longer, when closed
   * @throws RunException where the disk refuses
   */
  Announced announce(Path folder) throws RunException {
    ObjectNode node = JSON.createObjectNode();
    node.put("run", run).put("bootstrapServers", bootstrapServers).put("pid", pid);
    node.put("controlUrl", controlUrl);
    Path file = folder.resolve(FILE);
    Path aside = folder.resolve(FILE + ".part");
    try {
      Files.writeString(aside, node.toPrettyString() + "\n");
      Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return new Announced(file);
    } catch (IOException e) {
      throw new RunException("%s: %s".formatted(file, Faults.describe(e)), e);
    }
  }

  /** The file while it is there. */
  record Announced(Path file) implements AutoCloseable {
    @Override
    public void close() throws RunException {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        throw new RunException("%s: %s".formatted(file, Faults.describe(e)), e);
      }
    }
  }
}
