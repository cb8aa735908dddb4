// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.node;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.favstream.actors.runtime.CodeVersion;
import org.favstream.actors.runtime.Faults;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.actors.weights.PublishedWeights;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.learner.checkpoint.Checkpoint;
import org.favstream.learner.intake.Flow;
import org.favstream.learner.intake.Intake;
import org.favstream.learner.regression.FixedPointRegression;
import org.favstream.learner.regression.Training;
import org.favstream.protocol.Credits;
import org.favstream.protocol.LineageStep;
import org.favstream.protocol.ScoredGeneration;
import org.favstream.protocol.WeightsRecord;

/**
 * One life of the learner: what it has trained, and its place on the log. Steps and snapshots are
 * confined to one thread, publications to another.
 */
final class LearnerSession implements AutoCloseable {

  /**
   * A state of the session, ready to be kept and made known.
   *
   * @param published the weights as they will stand on the log
   * @param lineage of the steps since the snapshot before
   */
  record Snapshot(Checkpoint checkpoint, PublishedWeights published, List<LineageStep> lineage) {}

  private final NodeContext node;
  private final LearnerJob job;
  private final Publisher publisher;
  private final Training training;
  private final long epoch;
  private final Flow.State begin;
  private final boolean resumed;
  private final long beganAtMillis;
  private final double secondsBefore;
  private final long refusedBefore;
  private final NavigableMap<Long, Long> stepOfVersion = new TreeMap<>();
  private final List<LineageStep> lineage = new ArrayList<>();
  private Checkpoint.Totals totals;
  private String parentSha256;

  /**
   * Begins a life: fences the one before, and takes up the newest checkpoint.
   *
   * @throws LearnerFault.Lasting where the checkpoint is another job's, or is gone
   */
  static LearnerSession open(NodeContext node, LearnerJob job) {
    Publisher publisher = new Publisher(node);
    try {
      Optional<WeightsRecord.Manifest> last = publisher.lastWeights();
      Optional<Checkpoint> checkpoint = job.settings().checkpoints().newest(Checkpoint::fromFile);
      checkpoint.ifPresent(found -> requireSame(found.progress(), node, job));
      if (last.isPresent() && checkpoint.isEmpty()) {
        throw new LearnerFault.Lasting(
            "run %s has published version %d, but %s holds no usable checkpoint to go on from; start another run, or bring the checkpoints back"
                .formatted(node.run(), last.get().version(), job.settings().checkpoints().folder()),
            new WeightsException("no checkpoint"));
      }
      return new LearnerSession(node, job, publisher, last, checkpoint);
    } catch (IOException e) {
      publisher.close();
      throw new LearnerFault(
          "checkpoints in %s: %s"
              .formatted(job.settings().checkpoints().folder(), Faults.describe(e)),
          e);
    } catch (WeightsException e) {
      publisher.close();
      throw new LearnerFault.Lasting(Faults.describe(e), e);
    } catch (RuntimeException e) {
      publisher.close();
      throw e;
    }
  }

  private static void requireSame(Checkpoint.Progress found, NodeContext node, LearnerJob job) {
    if (!found.run().equals(node.run())) {
      throw new LearnerFault.Lasting(
          "%s holds checkpoints of run %s, this is run %s"
              .formatted(job.settings().checkpoints().folder(), found.run(), node.run()),
          new WeightsException("another run's checkpoint"));
    }
  }

  private LearnerSession(
      NodeContext node,
      LearnerJob job,
      Publisher publisher,
      Optional<WeightsRecord.Manifest> last,
      Optional<Checkpoint> checkpoint)
      throws WeightsException {
    this.node = node;
    this.job = job;
    this.publisher = publisher;
    this.epoch = last.map(WeightsRecord.Manifest::epoch).orElse(0L) + 1;
    this.resumed = checkpoint.isPresent();
    this.beganAtMillis = node.clock().millis();
    Training.Start start =
        checkpoint.map(Checkpoint::start).orElseGet(() -> Training.Start.fresh(job.initial()));
    this.training = job.training(start);
    this.parentSha256 = start.weights().sha256();
    this.totals =
        checkpoint.map(found -> found.progress().totals()).orElse(Checkpoint.Totals.none());
    this.secondsBefore = totals.seconds();
    this.refusedBefore = totals.refused();
    checkpoint
        .map(Checkpoint::progress)
        .filter(kept -> kept.flow().version() > publishedVersion(last))
        .ifPresent(kept -> lineage.addAll(kept.lineage()));
    this.begin =
        begin(last, checkpoint)
            .withGranted(publisher.lastCredits().map(Credits::granted).orElse(Map.of()));
  }

  /**
   * A version is never used twice: where the log is ahead of the checkpoint, the checkpoint's
   * weights become the version after the log's last.
   */
  private static Flow.State begin(
      Optional<WeightsRecord.Manifest> last, Optional<Checkpoint> checkpoint) {
    Flow.State state =
        checkpoint.map(found -> found.progress().flow()).orElse(Flow.State.initial());
    long published = publishedVersion(last);
    long version = state.version() < published ? published + 1 : state.version();
    return new Flow.State(version, state.consumed(), state.positions(), state.granted());
  }

  private static long publishedVersion(Optional<WeightsRecord.Manifest> last) {
    return last.map(WeightsRecord.Manifest::version).orElse(-1L);
  }

  /** Where its flow begins. */
  Flow.State begin() {
    return begin;
  }

  /** Whether it goes on from a checkpoint. */
  boolean resumed() {
    return resumed;
  }

  /** Counts over all lives of the run. */
  Checkpoint.Totals totals() {
    return totals;
  }

  /** Learner steps taken. */
  long step() {
    return training.step();
  }

  /**
   * One step.
   *
   * @param version the current weights version
   * @param refused groups refused in this session
   */
  LearnerEvent.Step step(List<Intake.Item> batch, long version, long refused) {
    List<ScoredGeneration.Scored> groups = batch.stream().map(Intake.Item::group).toList();
    long before = training.step();
    long draw = training.draws();
    FixedPointRegression.Outcome outcome = training.step(groups);
    stepOfVersion.putIfAbsent(version, before);
    lineage.add(lineageOf(batch, version, draw));
    long lagSum = 0;
    long lagMax = totals.lagMax();
    double lagSteps = 0;
    long particles = 0;
    for (ScoredGeneration.Scored group : groups) {
      long lag = version - group.weightsVersion();
      lagSum += lag;
      lagMax = Math.max(lagMax, lag);
      Map.Entry<Long, Long> then = stepOfVersion.floorEntry(group.weightsVersion());
      lagSteps += then == null ? 0 : before - then.getValue();
      particles += group.rewards().length();
    }
    totals =
        new Checkpoint.Totals(
            totals.groups() + groups.size(),
            totals.generations() + particles,
            refusedBefore + refused,
            totals.lagSum() + lagSum,
            lagMax,
            totals.skipped() + (outcome.skipped().isPresent() ? 1 : 0),
            secondsBefore + (node.clock().millis() - beganAtMillis) / 1000.0);
    stepOfVersion.headMap(version - 1024, false).clear();
    return new LearnerEvent.Step(
        training.step(),
        version,
        (double) lagSum / groups.size(),
        lagSteps / groups.size(),
        outcome.loss(),
        outcome.velocity(),
        outcome.gradientNorm(),
        outcome.skipped(),
        totals);
  }

  /** Of the step just taken; the weights of its version are not known yet. */
  private LineageStep lineageOf(List<Intake.Item> batch, long version, long draw) {
    return new LineageStep(
        node.run(),
        epoch,
        training.step(),
        version + 1,
        batch.stream()
            .map(
                item ->
                    new LineageStep.GroupPosition(
                        item.partition(), item.offset(), item.group().weightsVersion()))
            .toList(),
        batch.get(0).group().reward(),
        draw,
        job.configSha256(),
        "",
        parentSha256,
        CodeVersion.current());
  }

  /**
   * The state now, as a version.
   *
   * @param flow the flow's state at the new version
   * @param refused groups refused in this session
   * @throws LearnerFault where a weight is not finite: such weights are never published
   */
  Snapshot snapshot(Flow.State flow, long refused) {
    Weights weights;
    try {
      weights = training.weights();
    } catch (WeightsException e) {
      throw new LearnerFault("after step " + training.step() + ": " + Faults.describe(e), e);
    }
    totals = totals.withRefused(refusedBefore + refused);
    String sha256 = weights.sha256();
    List<LineageStep> steps = lineage.stream().map(step -> step.withWeights(sha256)).toList();
    lineage.clear();
    parentSha256 = sha256;
    Checkpoint.Progress progress =
        new Checkpoint.Progress(
            node.run(), job.configSha256(), training.step(), training.draws(), flow, totals, steps);
    return new Snapshot(
        new Checkpoint(progress, weights, training.moments()),
        new PublishedWeights(
            flow.version(), epoch, training.step(), weights, node.clock().millis()),
        steps);
  }

  /**
   * Keeps and publishes a snapshot, in this order; blocks until both are done.
   *
   * @throws LearnerFault.Lasting where the disk refuses the checkpoint
   */
  void publish(Snapshot snapshot) {
    try {
      job.settings()
          .checkpoints()
          .write(snapshot.published().version(), snapshot.checkpoint().toFile());
    } catch (IOException e) {
      throw new LearnerFault.Lasting(
          "the checkpoint of version %d could not be written to %s: %s"
              .formatted(
                  snapshot.published().version(),
                  job.settings().checkpoints().folder(),
                  Faults.describe(e)),
          e);
    }
    Flow.State flow = snapshot.checkpoint().progress().flow();
    publisher.publish(
        new Publisher.Publication(
            Optional.of(snapshot.published()),
            new Credits(node.run(), epoch, flow.version(), flow.granted()),
            snapshot.lineage()));
  }

  /** Makes credits known; blocks until it is done. */
  void publishCredits(long version, Map<String, Long> granted) {
    publisher.publish(
        new Publisher.Publication(
            Optional.empty(), new Credits(node.run(), epoch, version, granted), List.of()));
  }

  @Override
  public void close() {
    training.close();
    publisher.close();
  }
}
