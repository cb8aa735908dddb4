// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.favstream.actors.runtime.Faults;
import org.favstream.infra.job.Job;

/**
 * What a run leaves on disk:
 *
 * <pre>
 * run.json             the run's id, and how often it was started
 * live.json            how it is reached while it goes on
 * job.conf             the complete configuration
 * broker/              data and log of the embedded broker
 * checkpoints/         the learner's state
 * metrics.jsonl        a line a second
 * report.json          the result
 * picture.svg          before, after, and the target where it is known
 * weights.safetensors  the last weights
 * favstream.log        what the nodes said
 * </pre>
 *
 * One process at a time uses a folder.
 */
public final class RunFolder implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

  private final Path path;
  private final String run;
  private final long starts;
  private final FileChannel lock;

  private RunFolder(Path path, String run, long starts, FileChannel lock) {
    this.path = path;
    this.run = run;
    this.starts = starts;
    this.lock = lock;
  }

  /** Where a run goes that was given no folder. */
  public static Path usual(Job job, Instant now) {
    return Path.of("runs", job.name() + "-" + STAMP.format(now));
  }

  /**
   * Opens a folder for a new run, or for one that goes on.
   *
   * @param resume whether a run in it goes on
   * @throws RunException where it holds a run and must not, or holds none and must, or is in use
   */
  public static RunFolder open(Path path, Job job, boolean resume, Instant now)
      throws RunException {
    Path state = path.resolve("run.json");
    try {
      boolean there = Files.exists(state);
      if (resume && !there) {
        throw new RunException("--resume: %s holds no run".formatted(path));
      }
      if (!resume && there) {
        throw new RunException(
            "%s holds a run already: --resume goes on with it, another --out starts anew"
                .formatted(path));
      }
      Files.createDirectories(path);
      FileChannel lock = lock(path);
      try {
        return opened(path, job, there, now, lock);
      } catch (IOException | RunException | RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (IOException e) {
      throw new RunException("the run's folder %s: %s".formatted(path, Faults.describe(e)), e);
    }
  }

  private static RunFolder opened(Path path, Job job, boolean there, Instant now, FileChannel lock)
      throws IOException, RunException {
    Path state = path.resolve("run.json");
    String run = job.name() + "-" + STAMP.format(now);
    long starts = 0;
    if (there) {
      JsonNode known = JSON.readTree(state.toFile());
      run = known.path("run").asText();
      starts = known.path("starts").asLong();
      if (run.isEmpty()) {
        throw new RunException("%s does not say which run it is of".formatted(state));
      }
      if (!known.path("job").asText().equals(job.name())) {
        throw new RunException(
            "%s holds a run of job %s, not of %s"
                .formatted(path, known.path("job").asText(), job.name()));
      }
    }
    ObjectNode next = JSON.createObjectNode();
    next.put("run", run).put("job", job.name()).put("starts", starts + 1);
    // Aside and renamed: a run whose id is lost cannot be resumed.
    Path aside = path.resolve("run.json.part");
    Files.writeString(aside, next.toPrettyString() + "\n");
    Files.move(aside, state, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Files.writeString(path.resolve("job.conf"), job.config().render());
    return new RunFolder(path, run, starts, lock);
  }

  private static FileChannel lock(Path path) throws IOException, RunException {
    FileChannel channel =
        FileChannel.open(path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock held = channel.tryLock();
      if (held != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // Held by this very process.
    }
    channel.close();
    throw new RunException("%s is in use by another run".formatted(path));
  }

  /** The folder. */
  public Path path() {
    return path;
  }

  /** The run's id. */
  public String run() {
    return run;
  }

  /** How often the run was started before. */
  public long starts() {
    return starts;
  }

  /** Where the learner keeps its state. */
  public Path checkpoints() {
    return path.resolve("checkpoints");
  }

  /** A file in the folder. */
  public Path file(String name) {
    return path.resolve(name);
  }

  /**
   * Writes a text file.
   *
   * @throws RunException where the disk refuses
   */
  public void write(String name, String text) throws RunException {
    try {
      Files.writeString(path.resolve(name), text, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new RunException(
          "%s could not be written: %s".formatted(path.resolve(name), Faults.describe(e)), e);
    }
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
