// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.favstream.actors.kafka.KafkaConnection;
import org.favstream.actors.runtime.Faults;
import org.favstream.actors.weights.WeightsException;
import org.favstream.learner.intake.Intake;
import org.favstream.learner.lineage.LineageVersion;
import org.favstream.learner.regression.Training;
import org.favstream.protocol.LineageStep;
import org.favstream.protocol.ScoredGeneration;
import org.favstream.protocol.Topics;
import org.jspecify.annotations.Nullable;

/**
 * Makes weights versions again from the log, by the very steps that the learner takes, and compares
 * their digests with those that were recorded. On one thread, with groups of a bounded size at a
 * time in memory.
 */
public final class Replay implements AutoCloseable {
  private static final long WINDOW_BYTES = 64L << 20;

  /**
   * A version, as recorded and as made again.
   *
   * @param version its number
   * @param step the last of its steps
   * @param recorded digest of its weights on the log
   * @param made digest of the weights here
   */
  public record Compared(long version, long step, String recorded, String made) {
    /** Whether they are the same weights. */
    public boolean agrees() {
      return recorded.equals(made);
    }
  }

  /**
   * A version of whose groups one is kept no longer.
   *
   * @param partition of the topic scores
   * @param offset of the earliest of its groups there
   * @param begins the first offset that is kept
   */
  public record Dropped(long version, int partition, long offset, long begins) {}

  /** Told of all that happens. */
  public interface Listener {
    /** A step was taken again. */
    void stepped(LineageStep step);

    /** A version is made again. */
    void compared(Compared version);
  }

  private final LineageLog lineage;
  private final ScoredGroups groups;
  private final Function<String, LearnerJob> jobs;
  private final Listener listener;
  private final List<LineageStep> window = new ArrayList<>();
  private final List<Compared> compared = new ArrayList<>();
  private Training.Start start;
  private @Nullable Training training;
  private String config = "";
  private long windowGroups;
  private long windowLimit;

  /**
   * A replay.
   *
   * @param jobs by the digest of the configuration
   * @param start the weights to begin from, with all that is behind them
   */
  public Replay(
      KafkaConnection connection,
      Topics topics,
      LineageLog lineage,
      Function<String, LearnerJob> jobs,
      Training.Start start,
      Listener listener) {
    this.lineage = lineage;
    this.groups = new ScoredGroups(connection, topics);
    this.jobs = jobs;
    this.start = start;
    this.listener = listener;
  }

  /** Those of some versions that cannot be made again, since the log has dropped their groups. */
  public List<Dropped> dropped(List<LineageVersion> versions) {
    Map<Integer, Long> begins = groups.begins();
    List<Dropped> dropped = new ArrayList<>();
    for (LineageVersion version : versions) {
      version.earliest().entrySet().stream()
          .filter(earliest -> earliest.getValue() < begins.getOrDefault(earliest.getKey(), 0L))
          .findFirst()
          .ifPresent(
              earliest ->
                  dropped.add(
                      new Dropped(
                          version.version(),
                          earliest.getKey(),
                          earliest.getValue(),
                          begins.getOrDefault(earliest.getKey(), 0L))));
    }
    return dropped;
  }

  /**
   * Makes versions again, up to the first that differs: what comes after it builds on it.
   *
   * @param versions that lead on from the start, in order
   * @return those that were compared
   * @throws ReplayFault where something that they were made of is gone
   */
  public List<Compared> run(List<LineageVersion> versions) {
    lineage.forEachStep(versions, step -> take(step, versions));
    takeWindow(versions);
    return List.copyOf(compared);
  }

  private boolean differs() {
    return !compared.isEmpty() && !compared.get(compared.size() - 1).agrees();
  }

  /** Whether more is wanted. */
  private boolean take(LineageStep step, List<LineageVersion> versions) {
    window.add(step);
    windowGroups += step.groups().size();
    if (windowGroups >= windowLimit) {
      takeWindow(versions);
    }
    return !differs();
  }

  private void takeWindow(List<LineageVersion> versions) {
    Map<ScoredGroups.Place, ScoredGeneration.Scored> read =
        groups.read(window.stream().flatMap(step -> step.groups().stream()).toList());
    for (LineageStep step : window) {
      if (!differs()) {
        again(step, read);
        if (isLast(step, versions)) {
          compare(step);
        }
      }
    }
    window.clear();
    windowGroups = 0;
  }

  private boolean isLast(LineageStep step, List<LineageVersion> versions) {
    return versions.get(compared.size()).lastStep() == step.step();
  }

  private void again(LineageStep step, Map<ScoredGroups.Place, ScoredGeneration.Scored> read) {
    Training current = trainingOf(step);
    if (current.step() + 1 != step.step() || current.draws() != step.referenceDraw()) {
      throw new ReplayFault(
          "lineage has step %d with draw %d of references where step %d with draw %d comes next"
              .formatted(step.step(), step.referenceDraw(), current.step() + 1, current.draws()));
    }
    // A step that was skipped for numbers that are not finite is skipped here too.
    current.step(
        step.groups().stream().map(group -> read.get(ScoredGroups.Place.of(group))).toList());
    listener.stepped(step);
  }

  private Training trainingOf(LineageStep step) {
    Training current = training;
    if (current != null && config.equals(step.configSha256())) {
      return current;
    }
    // The first step, or the run was resumed with other settings.
    LearnerJob job = jobs.apply(step.configSha256());
    try {
      if (current != null) {
        start =
            new Training.Start(
                current.weights(), Optional.of(current.moments()), current.step(), current.draws());
        current.close();
      }
      Training next = job.training(start);
      training = next;
      config = step.configSha256();
      windowLimit = Math.max(1, WINDOW_BYTES / bytes(job.shape()));
      return next;
    } catch (WeightsException e) {
      throw new ReplayFault("before step " + step.step() + ": " + Faults.describe(e), e);
    }
  }

  /** Of a group's numbers. */
  private static long bytes(Intake.Shape shape) {
    long particles = shape.particles() * (2L * shape.d() + 1);
    long others = shape.contextSize() + (long) shape.references() * shape.d();
    return (particles + others) * shape.contexts() * Float.BYTES;
  }

  private void compare(LineageStep step) {
    Training current = trainingOf(step);
    String made;
    try {
      made = current.weights().sha256();
    } catch (WeightsException e) {
      made = Faults.describe(e); // such weights were never published
    }
    Compared version = new Compared(step.version(), step.step(), step.weightsSha256(), made);
    compared.add(version);
    listener.compared(version);
  }

  @Override
  public void close() {
    groups.close();
    if (training != null) {
      training.close();
    }
  }
}
