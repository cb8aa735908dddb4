// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.intake;

import com.typesafe.config.Config;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.favstream.actors.registry.RewardTimeline;
import org.favstream.protocol.GroupId;
import org.favstream.protocol.Lease;
import org.favstream.protocol.ScoredGeneration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** What the learner does next: take a step, publish, or wait. */
public final class Flow implements Intake.Listener {

  /**
   * The rhythm of the learner.
   *
   * @param maxLag largest lag of a group in a batch, in versions
   * @param groupsPerStep groups a step
   * @param publishEvery full steps a version; where a step was short, as where the reward changed,
   *     the version has one more: so many groups make a version, whatever happens, or the lag bound
   *     would not hold
   * @param leaseTimeout after how long without a lease a sampler counts as gone
   * @param settleDeadline how long a step waits for a live sampler's older groups, and a score for
   *     the activation that it claims
   */
  public record Settings(
      int maxLag,
      int groupsPerStep,
      int publishEvery,
      Duration leaseTimeout,
      Duration settleDeadline) {
    public Settings {
      if (maxLag < 0 || groupsPerStep < 1 || publishEvery < 1) {
        throw new IllegalArgumentException(
            "learner: max-lag %d must be at least 0, groups-per-step %d and publish-every %d at least 1"
                .formatted(maxLag, groupsPerStep, publishEvery));
      }
    }

    /** Reads section {@code learner} of a job. */
    public static Settings of(Config job) {
      Config section = job.getConfig("learner");
      return new Settings(
          section.getInt("max-lag"),
          section.getInt("groups-per-step"),
          section.getInt("publish-every"),
          section.getDuration("lease-timeout"),
          section.getDuration("settle-deadline"));
    }

    private int groupsPerVersion() {
      return Math.multiplyExact(groupsPerStep, publishEvery);
    }

    private Pacing.Settings pacing() {
      return new Pacing.Settings(maxLag, groupsPerVersion(), leaseTimeout);
    }
  }

  /**
   * Where the flow stands, as a checkpoint keeps it.
   *
   * @param version the current weights version
   * @param consumed the next counter to be consumed, by key
   * @param positions the next offset of the topic scores to be read, by partition
   * @param granted credits, by key
   */
  public record State(
      long version,
      Map<String, Long> consumed,
      Map<Integer, Long> positions,
      Map<String, Long> granted) {
    public State {
      consumed = Map.copyOf(consumed);
      positions = Map.copyOf(positions);
      granted = Map.copyOf(granted);
    }

    /** The same with credits that were granted since, where they are higher. */
    public State withGranted(Map<String, Long> later) {
      Map<String, Long> all = new HashMap<>(granted);
      later.forEach((key, groups) -> all.merge(key, groups, Math::max));
      return new State(version, consumed, positions, all);
    }

    /** The flow of a run that has not begun. */
    public static State initial() {
      return new State(0, Map.of(), Map.of(), Map.of());
    }
  }

  /** What to do. */
  public sealed interface Action {
    /** Take a step with these groups. */
    record Step(List<Intake.Item> batch) implements Action {}

    /** Publish the next version, then call {@link Flow#publish}. */
    record Publish() implements Action {}

    /** Wait for groups or leases, and ask again now and then. */
    record Await() implements Action {}
  }

  private static final Logger log = LoggerFactory.getLogger(Flow.class);

  private final Settings settings;
  private final Intake intake;
  private final Pacing pacing;
  private long version;
  private int stepsInVersion;
  private int groupsInVersion;
  private @Nullable Instant waitUntil;
  private @Nullable Instant activationUntil;

  /**
   * Goes on from a state.
   *
   * @param run the run's id
   * @param timeline the activations that are known
   */
  public Flow(
      String run,
      Settings settings,
      Intake.Shape shape,
      RewardTimeline timeline,
      State state,
      Instant now) {
    this.settings = settings;
    this.version = state.version();
    this.pacing =
        new Pacing(settings.pacing(), state.version(), state.granted(), state.consumed(), now);
    this.intake =
        new Intake(
            run, shape, settings.maxLag(), timeline, state.consumed(), state.positions(), this);
  }

  @Override
  public void received(String key, long counter, long weightsVersion) {
    pacing.onReceived(key, counter, weightsVersion);
  }

  @Override
  public void refused(GroupId id, Intake.Refusal reason, String detail) {
    pacing.onConsumed(id.key(), false);
    // The first of each kind is for people; all are counted in refusals().
    boolean first = intake.refusals().getOrDefault(reason, 0L) == 1;
    log.atLevel(first ? Level.WARN : Level.DEBUG)
        .log("group {} refused: {}: {}", id, reason, detail);
  }

  @Override
  public void returned(String key, long weightsVersion) {
    pacing.onReturned(key, weightsVersion);
  }

  /** More activations are known. */
  public void onTimeline(RewardTimeline timeline) {
    intake.onTimeline(timeline, version);
  }

  /** The next record of a partition of the topic scores. */
  public void onScored(int partition, long offset, ScoredGeneration outcome) {
    intake.offer(partition, offset, outcome, version);
  }

  /** A sampler says that it lives. */
  public void onLease(Lease lease, Instant now) {
    pacing.onLease(lease, now);
  }

  /** What to do now. A step that is returned counts as taken. */
  public Action next(Instant now) {
    int left = settings.groupsPerVersion() - groupsInVersion;
    if (left == 0) {
      return new Action.Publish();
    }
    boundActivationWait(now);
    List<Intake.Item> batch = intake.candidates(version, Math.min(left, settings.groupsPerStep()));
    if (batch.isEmpty()) {
      waitUntil = null;
      return new Action.Await();
    }
    if (!pacing.mayTake(batch.size(), batch.get(batch.size() - 1).group().weightsVersion())) {
      waitUntil = waitUntil == null ? now.plus(settings.settleDeadline()) : waitUntil;
      if (now.isBefore(waitUntil)) {
        return new Action.Await();
      }
      pacing.waive();
    }
    waitUntil = null;
    intake.take(batch);
    batch.forEach(item -> pacing.onConsumed(item.key(), true));
    stepsInVersion++;
    groupsInVersion += batch.size();
    return new Action.Step(batch);
  }

  private void boundActivationWait(Instant now) {
    if (!intake.awaitsActivation()) {
      activationUntil = null;
    } else if (activationUntil == null) {
      activationUntil = now.plus(settings.settleDeadline());
    } else if (!now.isBefore(activationUntil)) {
      intake.giveUpActivation(version);
    }
  }

  /**
   * The next version is current.
   *
   * @return its number
   */
  public long publish() {
    version++;
    stepsInVersion = 0;
    groupsInVersion = 0;
    pacing.onPublished();
    return version;
  }

  /** Credits to be made known, or empty where nothing has changed. */
  public Optional<Map<String, Long>> grant(Instant now) {
    return pacing.grant(now);
  }

  /** All credits that are in force. */
  public Map<String, Long> granted() {
    return pacing.granted();
  }

  /** The current weights version. */
  public long version() {
    return version;
  }

  /** Steps taken since the current version. */
  public int stepsInVersion() {
    return stepsInVersion;
  }

  /** How many groups wait for a step. */
  public int queued() {
    return intake.queued();
  }

  /** How many samplers are alive. */
  public int liveSamplers() {
    return pacing.liveSamplers();
  }

  /** How many groups were lost by a refusal. */
  public long refused() {
    return intake.refusals().entrySet().stream()
        .filter(entry -> entry.getKey().loses())
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** How many groups were refused, by reason. */
  public Map<Intake.Refusal, Long> refusals() {
    return intake.refusals();
  }

  /** Where the flow stands now. */
  public State state() {
    return new State(version, intake.consumed(), intake.positions(), pacing.granted());
  }
}
