// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
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
 * <p>The run has the file locked while it goes on, and a process that is killed has nothing locked.
 * The lock is taken before the file has its name, and who looks takes a shared one: no run finds
 * its file locked by somebody who looked, and those who look at the same time do not see each
 * other.
 *
 * @param run its id
 * @param bootstrapServers where its log is
 * @param pid of its process
 * @param controlUrl where it is controlled from; empty where it is not
 */
public record LiveRun(String run, String bootstrapServers, long pid, String controlUrl) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String FILE = "live.json";

  /** What is locked: beyond the text, for on some systems nobody reads what someone has locked. */
  private static final long MARK = 1L << 40;

  /**
   * The runs of this process, and what is held to announce, to look and to end one: to close any
   * channel on a file gives up all locks that the process has on it, and two locks of one process
   * exclude each other, shared or not. So who finds no run of ours here must have closed the file
   * before one can come.
   */
  private static final Map<Path, LiveRun> OURS = new HashMap<>();

  /**
   * The run that goes on in a folder now. One whose process was killed has left its file behind,
   * but has it locked no longer.
   *
   * @throws RunException where the file cannot be read
   */
  public static Optional<LiveRun> read(Path folder) throws RunException {
    Path file = file(folder);
    synchronized (OURS) {
      LiveRun own = OURS.get(file);
      return own != null ? Optional.of(own) : ofAnother(file);
    }
  }

  private static Optional<LiveRun> ofAnother(Path file) throws RunException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      JsonNode node = JSON.readTree(Channels.newInputStream(channel).readAllBytes());
      LiveRun found =
          new LiveRun(
              node.path("run").asText(),
              node.path("bootstrapServers").asText(),
              node.path("pid").asLong(),
              node.path("controlUrl").asText());
      try (FileLock looked = channel.tryLock(MARK, 1, true)) {
        return looked == null ? Optional.of(found) : Optional.empty();
      }
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new RunException("%s: %s".formatted(file, Faults.describe(e)), e);
    }
  }

  private static Path file(Path folder) {
    return folder.toAbsolutePath().normalize().resolve(FILE);
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
  public Announced announce(Path folder) throws RunException {
    ObjectNode node = JSON.createObjectNode();
    node.put("run", run).put("bootstrapServers", bootstrapServers).put("pid", pid);
    node.put("controlUrl", controlUrl);
    Path file = file(folder);
    Path aside = folder.resolve(FILE + ".part");
    try {
      Files.writeString(aside, node.toPrettyString() + "\n");
      FileChannel locked = FileChannel.open(aside, StandardOpenOption.WRITE);
      synchronized (OURS) {
        try {
          FileLock unused = locked.lock(MARK, 1, false); // until the channel is closed
          Files.move(
              aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException | RuntimeException e) {
          locked.close();
          throw e;
        }
        OURS.put(file, this);
      }
      return new Announced(file, locked);
    } catch (IOException e) {
      throw new RunException("%s: %s".formatted(file, Faults.describe(e)), e);
    }
  }

  /**
   * The file while it is there.
   *
   * @param locked while it is
   */
  public record Announced(Path file, FileChannel locked) implements AutoCloseable {
    @Override
    public void close() throws RunException {
      synchronized (OURS) {
        try (locked) {
          Files.deleteIfExists(file);
        } catch (IOException e) {
          throw new RunException("%s: %s".formatted(file, Faults.describe(e)), e);
        } finally {
          OURS.remove(file);
        }
      }
    }
  }
}
