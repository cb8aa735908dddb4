// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.run;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.favstream.actors.config.ConfigurationException;
import org.favstream.actors.runtime.Faults;
import org.favstream.actors.weights.CheckpointStore;
import org.favstream.actors.weights.WeightsException;
import org.favstream.infra.job.Job;
import org.favstream.infra.job.JobCatalog;
import org.favstream.learner.checkpoint.Checkpoint;
import org.favstream.learner.lineage.LineageChain;
import org.favstream.learner.lineage.LineageVersion;
import org.favstream.learner.node.LearnerJob;
import org.favstream.learner.node.LineageLog;
import org.favstream.learner.node.Replay;
import org.favstream.learner.regression.Training;
import org.favstream.protocol.LineageStep;

/** Makes a run's weights again from its log, on the CPU with one thread, and compares digests. */
public final class RunReplay {
  /** Whatever the run had: sums in another order are other sums. */
  private static final List<String> HERE = List.of("learner.device=cpu", "engine.threads=1");

  /**
   * What is asked for.
   *
   * @param from the version to begin from; 0 for the pre-trained weights
   * @param to the last version that is made again; empty for the last there is
   * @param job in place of the configurations that the run's folder has kept
   * @param overrides of the configuration
   * @param checkpoints where the learner kept its state; empty for the run's folder
   */
  public record Asked(
      long from,
      Optional<Long> to,
      Optional<String> job,
      List<String> overrides,
      Optional<Path> checkpoints) {}

  private final RecordedRun run;
  private final Asked asked;
  private final PrintStream out;
  private final CheckpointStore checkpoints;
  private final Map<String, Job> jobs = new HashMap<>(); // by the digest of the configuration
  private final Set<String> notes = new LinkedHashSet<>();

  /**
   * A replay.
   *
   * @param out tells people how far it is
   */
  public RunReplay(RecordedRun run, Asked asked, PrintStream out) {
    this.run = run;
    this.asked = asked;
    this.out = out;
    Path folder =
        asked
            .checkpoints()
            .or(() -> run.folder().map(path -> path.resolve("checkpoints")))
            .orElse(Path.of("checkpoints"));
    this.checkpoints = new CheckpointStore(folder, 2);
  }

  /**
   * Replays.
   *
   * @throws RunException where it cannot: the message says what is missing, and what would do
   */
  public ReplayReport run() throws RunException {
    long began = System.nanoTime();
    try (LineageLog log = new LineageLog(run.connection(), run.topics())) {
      LineageChain chain = log.chain(asked.from(), asked.to().orElse(Long.MAX_VALUE - 1));
      LineageVersion to = target(log, chain);
      Training.Start start = start(log);
      List<LineageVersion> versions = way(log, chain, start, to);
      List<Replay.Compared> compared;
      Watch watch = new Watch(out, to.lastStep());
      try (Replay replay =
          new Replay(run.connection(), run.topics(), log, this::learner, start, watch)) {
        requireKept(replay.dropped(versions), versions);
        compared = replay.run(versions);
      }
      return new ReplayReport(
          run.run(),
          asked.from(),
          to.version(),
          compared,
          superseded(chain, versions),
          watch.steps,
          (System.nanoTime() - began) / 1e9,
          List.copyOf(notes));
    }
  }

  private LineageVersion target(LineageLog log, LineageChain chain) throws RunException {
    List<LineageVersion> versions = chain.versions();
    Optional<LineageVersion> to =
        asked.to().isPresent()
            ? chain.version(asked.to().get())
            : versions.stream().reduce((first, second) -> second);
    if (to.isEmpty() || to.get().version() <= asked.from()) {
      String what =
          asked.to().isPresent()
              ? "there is no version " + asked.to().get()
              : "no version comes after version " + asked.from();
      String range =
          log.last()
              .map(last -> "has versions %d to %d".formatted(log.first().orElse(last), last))
              .orElse("has taken no steps yet");
      throw new RunException("%s: run %s %s".formatted(what, run.run(), range));
    }
    return to.get();
  }

  private Training.Start start(LineageLog log) throws RunException {
    try {
      if (asked.from() == 0) {
        long first = log.first().orElseThrow();
        LineageStep step = log.steps(first).get(0);
        return Training.Start.fresh(learner(step.configSha256()).initial());
      }
      return checkpoints.read(asked.from(), Checkpoint::fromFile).start();
    } catch (WeightsException e) {
      throw new RunException(
          "the checkpoint of version %d cannot be begun from: %s; FROM may be %s"
              .formatted(asked.from(), Faults.describe(e), kept(0)),
          e);
    } catch (IOException e) {
      throw new RunException(
          "checkpoints in %s: %s".formatted(checkpoints.folder(), Faults.describe(e)), e);
    }
  }

  /** From what else one may begin. */
  private String kept(long least) throws RunException {
    try {
      List<String> all =
          Stream.concat(Stream.of(0L), checkpoints.versions().stream())
              .filter(version -> version >= least)
              .map(String::valueOf)
              .toList();
      return all.isEmpty() ? "none: no checkpoint from there on is kept" : String.join(", ", all);
    } catch (IOException e) {
      throw new RunException(
          "checkpoints in %s: %s".formatted(checkpoints.folder(), Faults.describe(e)), e);
    }
  }

  private List<LineageVersion> way(
      LineageLog log, LineageChain chain, Training.Start start, LineageVersion to)
      throws RunException {
    String sha256 = start.weights().sha256();
    List<LineageVersion> versions = chain.between(start.step(), sha256, to);
    if (versions.isEmpty()) {
      throw new RunException(noWay(log, chain, start, to));
    }
    return versions;
  }

  private String noWay(
      LineageLog log, LineageChain chain, Training.Start start, LineageVersion to) {
    Optional<LineageVersion> unknown =
        chain.versions().stream()
            .filter(version -> !version.hasDigests())
            .reduce((first, second) -> second);
    if (unknown.isPresent()) {
      return "versions up to %d were recorded by an earlier build, without digests: FROM must be that version or a later one"
          .formatted(unknown.get().version());
    }
    String sha256 = start.weights().sha256();
    if (asked.from() == 0) {
      return "the run began with other pre-trained weights (%s) than the job has here (%s)"
          .formatted(chain.versions().get(0).parentSha256(), sha256);
    }
    Optional<LineageVersion> same = log.chain(asked.from(), asked.from()).version(asked.from());
    if (same.isPresent() && !same.get().weightsSha256().equals(sha256)) {
      return "the checkpoint of version %d holds other weights (%s) than were recorded (%s)"
          .formatted(asked.from(), sha256, same.get().weightsSha256());
    }
    return "version %d does not lead to version %d: the learner lost it, and went on from an earlier one; FROM may be an earlier version whose checkpoint is kept, or 0"
        .formatted(asked.from(), to.version());
  }

  private void requireKept(List<Replay.Dropped> dropped, List<LineageVersion> versions)
      throws RunException {
    if (dropped.isEmpty()) {
      return;
    }
    Replay.Dropped first = dropped.get(0);
    long last = dropped.get(dropped.size() - 1).version();
    String message =
        "retention has dropped groups of %d of the %d versions: topic %s partition %d is kept from offset %d on, version %d needs offset %d."
            .formatted(
                dropped.size(),
                versions.size(),
                run.topics().scores(),
                first.partition(),
                first.begins(),
                first.version(),
                first.offset());
    throw new RunException(
        "%s All groups after version %d are kept; FROM may be %s"
            .formatted(message, last, kept(last)));
  }

  private static List<Long> superseded(LineageChain chain, List<LineageVersion> versions) {
    LineageVersion first = versions.get(0);
    LineageVersion last = versions.get(versions.size() - 1);
    Set<Long> made = versions.stream().map(LineageVersion::version).collect(Collectors.toSet());
    return chain.versions().stream()
        .map(LineageVersion::version)
        .filter(version -> version > first.version() && version < last.version())
        .filter(version -> !made.contains(version))
        .toList();
  }

  private LearnerJob learner(String configSha256) {
    Job job = jobs.computeIfAbsent(configSha256, this::load);
    return job.learner(checkpoints.folder());
  }

  private Job load(String sha256) {
    List<String> all = new ArrayList<>(asked.overrides());
    all.addAll(HERE);
    Job job = JobCatalog.load(place(sha256), all);
    job.useEngine();
    return job;
  }

  /** The job with this configuration, or what stands in for it. */
  private String place(String sha256) {
    if (asked.job().isPresent()) {
      String given = JobCatalog.config(asked.job().get(), asked.overrides()).sha256();
      if (!given.equals(sha256)) {
        notes.add(
            "steps were taken with configuration %s, %s as given here has %s"
                .formatted(sha256, asked.job().get(), given));
      }
      return asked.job().get();
    }
    try {
      Optional<Path> config = run.config(sha256);
      if (config.isPresent()) {
        noteThreads(config.get());
        if (!asked.overrides().isEmpty()) {
          notes.add("steps were taken without --set " + String.join(" ", asked.overrides()));
        }
        return config.get().toString();
      }
    } catch (RunException e) {
      notes.add(Faults.describe(e));
    }
    Path folder =
        run.folder()
            .orElseThrow(
                () ->
                    new ConfigurationException(
                        "JOB is needed: run %s has no folder here that holds its configuration"
                            .formatted(run.run())));
    notes.add(
        "steps were taken with configuration %s, which %s does not hold: its job.conf stands in"
            .formatted(sha256, folder));
    return folder.resolve("job.conf").toString();
  }

  /** What a run must have had, to be made again to the last bit. */
  private void noteThreads(Path config) {
    JobCatalog.config(config.toString(), List.of())
        .read(
            complete -> {
              int threads = complete.getInt("engine.threads");
              String device = complete.getString("learner.device");
              if (threads != 1 || device.startsWith("cuda")) {
                notes.add(
                    "the run had engine.threads = %d and learner.device = %s: the same to the last bit is promised for 1 and the CPU alone"
                        .formatted(threads, device));
              }
              return threads;
            });
  }

  /** A line now and then. */
  private static final class Watch implements Replay.Listener {
    private static final long EVERY = TimeUnit.SECONDS.toNanos(2);

    private final PrintStream out;
    private final long last;
    private long steps;
    private long agreed;
    private long saidAt = System.nanoTime();

    Watch(PrintStream out, long last) {
      this.out = out;
      this.last = last;
    }

    @Override
    public void stepped(LineageStep step) {
      steps++;
      if (System.nanoTime() - saidAt > EVERY) {
        saidAt = System.nanoTime();
        out.printf(
            "step %d of %d, version %d; %d versions agree so far%n",
            step.step(), last, step.version(), agreed);
      }
    }

    @Override
    public void compared(Replay.Compared version) {
      agreed += version.agrees() ? 1 : 0;
    }
  }
}
