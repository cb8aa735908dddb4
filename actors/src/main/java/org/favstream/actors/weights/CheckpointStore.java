// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.weights;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of checkpoints: safetensors files, named by the version that they lead to.
 *
 * @param folder made where it is missing
 * @param keep how many of the newest are kept, at least 2
 */
public record CheckpointStore(Path folder, int keep) {
  private static final Logger log = LoggerFactory.getLogger(CheckpointStore.class);
  private static final String PREFIX = "version-";
  private static final String SUFFIX = ".checkpoint.safetensors";

  public CheckpointStore {
    if (keep < 2) {
      throw new IllegalArgumentException(
          "checkpoints kept: got %d, expected at least 2, since the newest may be broken"
              .formatted(keep));
    }
  }

  /**
   * From the content of a file.
   *
   * @param <T> the checkpoint
   */
  @FunctionalInterface
  public interface Reader<T> {
    /**
     * The checkpoint.
     *
     * @throws WeightsException where it is none
     */
    T read(Safetensors file) throws WeightsException;
  }

  /**
   * Writes a checkpoint, on disk when this returns, and drops the oldest ones.
   *
   * @throws IOException where the disk refuses; earlier checkpoints are then as they were
   */
  public void write(long version, Safetensors checkpoint) throws IOException {
    Files.createDirectories(folder);
    checkpoint.write(file(version));
    List<Path> files = newestFirst();
    for (Path old : files.subList(Math.min(keep, files.size()), files.size())) {
      Files.deleteIfExists(old);
    }
  }

  /**
   * The newest checkpoint that verifies; broken ones are named in the log and passed over. What a
   * writer that was killed has left half-written is removed: call it where no other one writes.
   *
   * @throws IOException where the folder cannot be read
   */
  public <T> Optional<T> newest(Reader<T> reader) throws IOException {
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(folder, PREFIX + "*.part")) {
      for (Path leftover : leftovers) {
        Files.deleteIfExists(leftover);
      }
    }
    for (Path file : newestFirst()) {
      try {
        return Optional.of(reader.read(Safetensors.read(file)));
      } catch (WeightsException e) {
        log.error("checkpoint {} is broken, the one before it is used: {}", file, e.getMessage());
      }
    }
    return Optional.empty();
  }

  /**
   * The versions whose checkpoints are kept, the oldest first.
   *
   * @throws IOException where the folder cannot be read
   */
  public List<Long> versions() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    return newestFirst().stream()
        .map(file -> file.getFileName().toString())
        .map(name -> name.substring(PREFIX.length(), name.length() - SUFFIX.length()))
        .filter(number -> number.matches("[0-9]{1,18}"))
        .map(Long::valueOf)
        .sorted()
        .toList();
  }

  /**
   * The checkpoint of a version. The folder stays as it is, so others may write to it meanwhile.
   *
   * @throws WeightsException where there is none, or it is broken
   * @throws IOException where the disk refuses
   */
  public <T> T read(long version, Reader<T> reader) throws IOException, WeightsException {
    return reader.read(Safetensors.read(file(version)));
  }

  private Path file(long version) {
    return folder.resolve(PREFIX + "%012d".formatted(version) + SUFFIX);
  }

  private List<Path> newestFirst() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(PREFIX))
          .filter(file -> file.getFileName().toString().endsWith(SUFFIX))
          .sorted(Comparator.reverseOrder())
          .toList();
    }
  }
}
