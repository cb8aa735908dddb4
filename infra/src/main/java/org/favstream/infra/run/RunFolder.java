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
import java.util.List;
import java.util.Optional;
import org.favstream.actors.config.JobConfig;
import org.favstream.actors.runtime.Faults;
import org.favstream.infra.job.Job;

/**
 * What a run leaves on disk:
 *
 * <pre>
 * run.json             the run's id, and how often it was started
 * live.json            how it is reached while it goes on
 * job.conf             the complete configuration
 * configs/             each configuration that it was ever started with, by its digest
 * broker/              data and log of the embedded broker
 * checkpoints/         the learner's state
 * metrics.jsonl        a line a second
 * report.json          the result
 * picture.svg          before, after, and the target where it is known
 * watch.svg            reward against gold, and distance to the reference, where a gold reward is watched
 * weights.safetensors  the last weights
 * favstream.log        what the nodes said
 * </pre>
 *
 * One process at a time uses a folder.
 */
public final class RunFolder implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  static final String STATE = "run.json";

  /** The picture of what was watched. */
  public static final String WATCH = "watch.svg";

  private static final String CONFIGS = "configs";
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

  /**
   * What {@code run.json} says.
   *
   * @param run the run's id
   * @param job its job's name
   * @param starts how often it was started
   */
  record State(String run, String job, long starts) {

    /**
     * That of the run in a folder.
     *
     * @throws RunException where the file does not say which run it is of
     * @throws IOException where it cannot be read
     */
    static State of(Path path) throws IOException, RunException {
      Path file = path.resolve(STATE);
      JsonNode known = JSON.readTree(file.toFile());
      String run = known.path("run").asText();
      if (run.isEmpty()) {
        throw new RunException("%s does not say which run it is of".formatted(file));
      }
      return new State(run, known.path("job").asText(), known.path("starts").asLong());
    }
  }

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
    return usual(job.name(), now);
  }

  /** The same for what is called so. */
  static Path usual(String name, Instant now) {
    return Path.of("runs", name + "-" + STAMP.format(now));
  }

  /**
   * Opens a folder for a new run, or for one that goes on.
   *
   * @param resume whether a run in it goes on
   * @throws RunException where it holds a run and must not, or holds none and must, or is in use
   */
  public static RunFolder open(Path path, Job job, boolean resume, Instant now)
      throws RunException {
    return open(path, job, "", resume, now);
  }

  /**
   * The same for one of several runs that begin at the same moment.
   *
   * @param suffix of a new run's id, unlike the others'
   */
  static RunFolder open(Path path, Job job, String suffix, boolean resume, Instant now)
      throws RunException {
    try {
      boolean there = Files.exists(path.resolve(STATE));
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
        String run = job.name() + "-" + STAMP.format(now) + suffix;
        return opened(path, job, run, there, lock);
      } catch (IOException | RunException | RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (IOException e) {
      throw new RunException("the run's folder %s: %s".formatted(path, Faults.describe(e)), e);
    }
  }

  private static RunFolder opened(
      Path path, Job job, String freshRun, boolean there, FileChannel lock)
      throws IOException, RunException {
    String run = freshRun;
    long starts = 0;
    if (there) {
      State known = State.of(path);
      run = known.run();
      starts = known.starts();
      if (!known.job().equals(job.name())) {
        throw new RunException(
            "%s holds a run of job %s, not of %s".formatted(path, known.job(), job.name()));
      }
    }
    ObjectNode next = JSON.createObjectNode();
    next.put("run", run).put("job", job.name()).put("starts", starts + 1);
    // Aside and renamed: a run whose id is lost cannot be resumed.
    Path aside = path.resolve(STATE + ".part");
    Files.writeString(aside, next.toPrettyString() + "\n");
    Files.move(
        aside,
        path.resolve(STATE),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    String config = job.config().render();
    Files.writeString(path.resolve("job.conf"), config);
    Files.createDirectories(path.resolve(CONFIGS));
    Files.writeString(configOf(path, job.config().sha256()), config);
    return new RunFolder(path, run, starts, lock);
  }

  private static Path configOf(Path path, String sha256) {
    return path.resolve(CONFIGS).resolve(sha256 + ".conf");
  }

  /**
   * The configuration of a run's folder that has this digest; earlier builds have kept the last one
   * alone.
   *
   * @throws RunException where the disk refuses
   */
  public static Optional<Path> config(Path path, String sha256) throws RunException {
    try {
      for (Path file : List.of(configOf(path, sha256), path.resolve("job.conf"))) {
        if (Files.isRegularFile(file) && JobConfig.sha256(Files.readString(file)).equals(sha256)) {
          return Optional.of(file);
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new RunException("the run's folder %s: %s".formatted(path, Faults.describe(e)), e);
    }
  }

  /** Holds the folder alone, until it is closed. */
  static FileChannel lock(Path path) throws IOException, RunException {
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
