// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.run;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.favstream.actors.config.ConfigurationException;
import org.favstream.actors.config.JobConfig;
import org.favstream.actors.kafka.KafkaConnection;
import org.favstream.actors.kafka.TopicSetup;
import org.favstream.actors.runtime.Faults;
import org.favstream.infra.broker.BrokerProcess;
import org.favstream.infra.job.Job;
import org.favstream.infra.job.JobCatalog;
import org.favstream.protocol.Topics;
import org.jspecify.annotations.Nullable;

/**
 * A run whose log is to be read, while it goes on or when it is over. The broker of one that is
 * over is started on its folder for as long as this is open, and drops nothing meanwhile.
 */
public final class RecordedRun implements AutoCloseable {
  private static final Path RUNS = Path.of("runs");

  /** A run's folder may lie in one of a comparison. */
  private static final int DEPTH = 3;

  /** Long beyond any reading: what retention would drop now was there when the run ended. */
  private static final String NEVER_MILLIS = Long.toString(Long.MAX_VALUE / 1_000_000);

  /**
   * Which run.
   *
   * @param folder of the run
   * @param run its id, where it has no folder here
   * @param bootstrapServers of its cluster
   * @param overrides of its configuration: how the cluster is reached
   */
  public record Asked(
      Optional<Path> folder,
      Optional<String> run,
      Optional<String> bootstrapServers,
      List<String> overrides) {}

  private final String run;
  private final Optional<Path> folder;
  private final KafkaConnection connection;
  private final Topics topics;
  private final @Nullable BrokerProcess broker;
  private final @Nullable FileChannel lock;

  /**
   * Opens it.
   *
   * @param out tells people what takes a moment
   * @throws ConfigurationException where it is not said which run, or how it is reached
   * @throws RunException where there is none, or its broker does not start
   */
  public static RecordedRun open(Asked asked, PrintStream out) throws RunException {
    if (asked.run().isPresent()) {
      String servers =
          asked
              .bootstrapServers()
              .orElseThrow(
                  () -> new ConfigurationException("--run needs --bootstrap-servers beside it"));
      JobConfig config = JobConfig.complete(ConfigFactory.empty(), asked.overrides());
      return new RecordedRun(asked.run().get(), asked.folder(), config, servers, null, null);
    }
    if (asked.folder().isEmpty() && asked.bootstrapServers().isPresent()) {
      throw new ConfigurationException("--bootstrap-servers needs --run or --out beside it");
    }
    Path folder = asked.folder().isPresent() ? asked.folder().get() : usual();
    String run = idOf(folder);
    out.printf("run %s in %s%n", run, folder);
    JobConfig config = JobCatalog.config(folder.resolve("job.conf").toString(), asked.overrides());
    Optional<String> servers =
        asked.bootstrapServers().or(() -> live(folder).map(LiveRun::bootstrapServers));
    if (servers.isPresent()) {
      return new RecordedRun(run, Optional.of(folder), config, servers.get(), null, null);
    }
    return withBroker(run, folder, config, out);
  }

  private static Optional<LiveRun> live(Path folder) {
    try {
      return LiveRun.read(folder);
    } catch (RunException e) {
      return Optional.empty(); // half a file: of no run that goes on
    }
  }

  private static RecordedRun withBroker(String run, Path folder, JobConfig config, PrintStream out)
      throws RunException {
    Optional<Path> data = brokerOf(folder);
    if (data.isEmpty()) {
      throw new RunException(
          "run %s in %s is over, and its log was on a cluster of its own: --bootstrap-servers says where"
              .formatted(run, folder));
    }
    FileChannel lock = null;
    BrokerProcess broker = null;
    try {
      lock = RunFolder.lock(folder);
      out.println("starting its broker, to read its log");
      BrokerProcess.Settings usual =
          config.read(complete -> BrokerProcess.Settings.of(complete, data.get()));
      Map<String, String> overrides = new HashMap<>(usual.overrides());
      overrides.put("log.retention.check.interval.ms", NEVER_MILLIS);
      broker =
          BrokerProcess.start(
              new BrokerProcess.Settings(usual.folder(), 0, usual.heap(), overrides));
      return new RecordedRun(
          run, Optional.of(folder), config, broker.bootstrapServers(), broker, lock);
    } catch (IOException | BrokerProcess.BrokerException | RuntimeException e) {
      closeBoth(broker, lock);
      throw new RunException(
          "the log of run %s in %s: %s".formatted(run, folder, Faults.describe(e)), e);
    } catch (RunException e) {
      closeBoth(broker, lock);
      throw e;
    }
  }

  /** Where the broker's data are: two runs that are compared share one. */
  private static Optional<Path> brokerOf(Path folder) {
    return Stream.of(folder.resolve("broker"), folder.resolve("../broker").normalize())
        .filter(Files::isDirectory)
        .findFirst();
  }

  private RecordedRun(
      String run,
      Optional<Path> folder,
      JobConfig config,
      String bootstrapServers,
      @Nullable BrokerProcess broker,
      @Nullable FileChannel lock) {
    this.run = run;
    this.folder = folder;
    this.connection = config.read(complete -> KafkaConnection.of(bootstrapServers, complete));
    this.topics = Job.topics(run, config);
    this.broker = broker;
    this.lock = lock;
    TopicSetup.require(
        connection,
        topics.lineage(),
        config.read(complete -> complete.getDuration("kafka.setup-timeout")));
  }

  /** The only run that goes on, else the one that was started last. */
  private static Path usual() throws RunException {
    List<Path> folders = folders();
    List<Path> live = folders.stream().filter(folder -> live(folder).isPresent()).toList();
    if (live.size() > 1) {
      throw new ConfigurationException(
          "%d runs go on: --out says which: %s".formatted(live.size(), live));
    }
    if (live.size() == 1) {
      return live.get(0);
    }
    if (folders.isEmpty()) {
      throw new RunException(
          "there is no run under %s: --out names its folder, or --run and --bootstrap-servers say where it is"
              .formatted(RUNS.toAbsolutePath()));
    }
    return folders.get(0);
  }

  /** The folders of all runs, the one started last first. */
  private static List<Path> folders() throws RunException {
    if (!Files.isDirectory(RUNS)) {
      return List.of();
    }
    try (Stream<Path> files =
        Files.find(RUNS, DEPTH, (file, about) -> file.endsWith(RunFolder.STATE))) {
      return files
          .sorted(Comparator.comparing((Path file) -> file.toFile().lastModified()).reversed())
          .map(file -> Optional.ofNullable(file.getParent()).orElse(RUNS))
          .toList();
    } catch (IOException | UncheckedIOException e) {
      throw new RunException("%s: %s".formatted(RUNS, Faults.describe(e)), e);
    }
  }

  private static String idOf(Path folder) throws RunException {
    if (!Files.isRegularFile(folder.resolve(RunFolder.STATE))) {
      throw new RunException("%s holds no run".formatted(folder));
    }
    try {
      return RunFolder.State.of(folder).run();
    } catch (IOException e) {
      throw new RunException("the run's folder %s: %s".formatted(folder, Faults.describe(e)), e);
    }
  }

  /** The run's id. */
  public String run() {
    return run;
  }

  /** The run's folder, where it has one here. */
  public Optional<Path> folder() {
    return folder;
  }

  /** How its log is reached. */
  public KafkaConnection connection() {
    return connection;
  }

  /** Its topics. */
  public Topics topics() {
    return topics;
  }

  /**
   * The configuration that has this digest, where the run's folder has kept it.
   *
   * @throws RunException where the disk refuses
   */
  public Optional<Path> config(String sha256) throws RunException {
    return folder.isEmpty() ? Optional.empty() : RunFolder.config(folder.get(), sha256);
  }

  private static void closeBoth(@Nullable BrokerProcess broker, @Nullable FileChannel lock) {
    if (broker != null) {
      broker.close();
    }
    if (lock != null) {
      try {
        lock.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    closeBoth(broker, lock);
  }
}
