// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.intake;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.TreeSet;
import org.favstream.actors.registry.RewardTimeline;
import org.favstream.protocol.GroupId;
import org.favstream.protocol.ScoredGeneration;
import org.favstream.protocol.Scoring;
import org.favstream.protocol.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Scored groups on their way into learner steps: each group once, the oldest weights first, none
 * beyond the lag bound, no two rewards in a batch, each scored by the reward that is its own.
 *
 * <p>Which reward is a group's own follows from where it stands on the log ({@link
 * RewardTimeline}). A score of another activation is refused, and the group is awaited again: a
 * reward actor that learns of an activation scores what lies behind its fence anew. A score of an
 * activation that is not known here yet waits, and with it all that comes after.
 */
public final class Intake {

  /** Why a group did not enter a step. */
  public enum Refusal {
    /** It came in before; not counted as lost. */
    DUPLICATE,
    /** It never came: the group after it is here. */
    MISSING,
    /** Another run's, or of other sizes than this job's. */
    FOREIGN,
    /** The reward service refused it. */
    UNSCORED,
    /** It holds a number that is NaN or infinite. */
    NOT_FINITE,
    /** Its weights are older than the lag bound allows. */
    TOO_OLD,
    /** It claims weights that were never published. */
    FROM_THE_FUTURE,
    /** Another reward is the group's own: it comes again, scored by that; not counted as lost. */
    STALE_REWARD,
    /** It claims an activation that nobody has heard of. */
    UNKNOWN_REWARD;

    /** Whether the group is lost with it. */
    public boolean loses() {
      return this != DUPLICATE && this != STALE_REWARD;
    }
  }

  /**
   * A group and where it stands on the topic scores.
   *
   * @param partition of the topic
   * @param offset in the partition
   * @param key the group's
   */
  public record Item(int partition, long offset, String key, ScoredGeneration.Scored group) {}

  /**
   * The sizes of a job's groups.
   *
   * @param contexts a group
   * @param particles a context
   * @param d numbers a particle
   * @param contextSize numbers a context; 0 without contexts
   * @param references a context; 0 where the learner draws them
   */
  public record Shape(int contexts, int particles, int d, int contextSize, int references) {

    private boolean fits(ScoredGeneration.Scored scored) {
      return scored.generation().particles().hasShape(contexts, particles, d)
          && sizeIs(scored.generation().contexts().orElse(null), 1, contextSize)
          && sizeIs(scored.generation().references().orElse(null), 1, references);
    }

    private static boolean sizeIs(@Nullable Tensor tensor, int axis, int size) {
      return tensor == null ? size == 0 : tensor.size(axis) == size;
    }
  }

  /** Told of everything that happens to a group. */
  public interface Listener {
    /** The next group of a key has come in, or one that was returned has again. */
    void received(String key, long counter, long weightsVersion);

    /** A group was refused; its credit is free again. */
    void refused(GroupId id, Refusal reason, String detail);

    /** A group that had come in is to come in again; its credit is in use as before. */
    void returned(String key, long weightsVersion);
  }

  private record Held(int partition, long offset, ScoredGeneration outcome) {}

  private record Queued(Item item, long arrival) {}

  /** Numbers that wait, by what they belong to. */
  private static final class Waiting<K> {
    private final Map<K, NavigableSet<Long>> numbers = new HashMap<>();

    void add(K of, long number) {
      numbers.computeIfAbsent(of, key -> new TreeSet<>()).add(number);
    }

    void remove(K of, long number) {
      numbers.computeIfPresent(
          of,
          (key, waiting) -> {
            waiting.remove(number);
            return waiting.isEmpty() ? null : waiting;
          });
    }

    boolean contains(K of, long number) {
      return numbers.getOrDefault(of, Collections.emptyNavigableSet()).contains(number);
    }

    /** Lowers each entry to the least number that waits. */
    void lower(Map<K, Long> entries) {
      numbers.forEach((of, waiting) -> entries.merge(of, waiting.first(), Math::min));
    }
  }

  private final String run;
  private final Shape shape;
  private final int maxLag;
  private final Listener listener;
  private final NavigableSet<Queued> queue =
      new TreeSet<>(
          Comparator.comparingLong((Queued queued) -> queued.item().group().weightsVersion())
              .thenComparingLong(Queued::arrival));
  private final Waiting<String> counters = new Waiting<>(); // of the queue, by key
  private final Waiting<Integer> offsets = new Waiting<>(); // of the queue, by partition
  private final Waiting<String> awaited = new Waiting<>(); // to come in again, by key
  private final Map<String, Long> received;
  private final Map<Integer, Long> readUpTo = new HashMap<>();
  private final Map<Refusal, Long> refusals = new EnumMap<>(Refusal.class);
  private final Deque<Held> held = new ArrayDeque<>();
  private RewardTimeline timeline;
  private long arrivals;

  /**
   * An empty intake.
   *
   * @param run the run's id
   * @param timeline the activations that are known
   * @param consumed of an earlier life: the next counter to be consumed, by key
   * @param positions of an earlier life: the next offset to be read, by partition
   */
  public Intake(
      String run,
      Shape shape,
      int maxLag,
      RewardTimeline timeline,
      Map<String, Long> consumed,
      Map<Integer, Long> positions,
      Listener listener) {
    this.run = run;
    this.timeline = timeline;
    this.shape = shape;
    this.maxLag = maxLag;
    this.received = new HashMap<>(consumed);
    this.readUpTo.putAll(positions);
    this.listener = listener;
  }

  /**
   * Takes the next record of a partition.
   *
   * @param version the current weights version
   */
  public void offer(int partition, long offset, ScoredGeneration outcome, long version) {
    if (!held.isEmpty() || isUnknown(outcome)) {
      held.add(new Held(partition, offset, outcome));
    } else {
      accept(partition, offset, outcome, version);
    }
  }

  private boolean isUnknown(ScoredGeneration outcome) {
    return outcome.scoring().activation() > timeline.current().number();
  }

  /**
   * More activations are known. What waits for a step with a reward that is no longer its own is
   * refused and awaited again; what waited for the activation comes in.
   *
   * @param version the current weights version
   */
  public void onTimeline(RewardTimeline next, long version) {
    timeline = next;
    List<Queued> stale = queue.stream().filter(queued -> isStale(queued.item())).toList();
    for (Queued queued : stale) {
      queue.remove(queued);
      counters.remove(queued.item().key(), queued.item().group().id().counter());
      offsets.remove(queued.item().partition(), queued.item().offset());
      count(Refusal.STALE_REWARD, 1);
    }
    for (Queued queued : stale) {
      GroupId id = queued.item().group().id();
      awaited.add(queued.item().key(), id.counter());
      listener.returned(queued.item().key(), queued.item().group().weightsVersion());
    }
    acceptKnown(version);
  }

  private void acceptKnown(long version) {
    while (!held.isEmpty() && !isUnknown(held.getFirst().outcome())) {
      Held first = held.removeFirst();
      accept(first.partition(), first.offset(), first.outcome(), version);
    }
  }

  private boolean isStale(Item item) {
    return isStale(item.partition(), item.group().scoring());
  }

  private boolean isStale(int partition, Scoring scoring) {
    return timeline.at(partition, scoring.offset()).number() != scoring.activation();
  }

  /** Whether scores wait for an activation to become known. */
  public boolean awaitsActivation() {
    return !held.isEmpty();
  }

  /**
   * The activation that the oldest waiting score claims was awaited for long enough: the score is
   * refused.
   *
   * @param version the current weights version
   */
  public void giveUpActivation(long version) {
    Held first = held.removeFirst();
    GroupId id = first.outcome().id();
    if (enters(first.partition(), first.offset(), first.outcome())) {
      refuse(
          id,
          Refusal.UNKNOWN_REWARD,
          "activation %d, known are those up to %d"
              .formatted(first.outcome().scoring().activation(), timeline.current().number()));
    }
    acceptKnown(version);
  }

  /** Whether it is its key's next; what is not is counted. */
  private boolean enters(int partition, long offset, ScoredGeneration outcome) {
    readUpTo.put(partition, offset + 1);
    GroupId id = outcome.id();
    String key = id.key();
    long expected = received.getOrDefault(key, 0L);
    boolean again = awaited.contains(key, id.counter());
    if (id.counter() < expected && !again) {
      count(Refusal.DUPLICATE, 1);
      return false;
    }
    if (!isUnknown(outcome) && isStale(partition, outcome.scoring())) {
      count(Refusal.STALE_REWARD, 1);
      return false;
    }
    if (again) {
      awaited.remove(key, id.counter());
    } else {
      count(Refusal.MISSING, id.counter() - expected);
      received.put(key, id.counter() + 1);
    }
    listener.received(key, id.counter(), outcome.weightsVersion());
    return true;
  }

  private void accept(int partition, long offset, ScoredGeneration outcome, long version) {
    if (!enters(partition, offset, outcome)) {
      return;
    }
    GroupId id = outcome.id();
    if (outcome instanceof ScoredGeneration.Refused refused) {
      refuse(id, Refusal.UNSCORED, refused.reason());
      return;
    }
    ScoredGeneration.Scored scored = (ScoredGeneration.Scored) outcome;
    if (!scored.generation().run().equals(run) || !shape.fits(scored)) {
      refuse(
          id,
          Refusal.FOREIGN,
          "run %s, particles %s; expected run %s, %s"
              .formatted(scored.generation().run(), scored.generation().particles(), run, shape));
    } else if (!finite(scored)) {
      refuse(id, Refusal.NOT_FINITE, "a particle, reward, gradient, context or reference");
    } else if (outcome.weightsVersion() > version) {
      refuse(
          id,
          Refusal.FROM_THE_FUTURE,
          "weights version %d, current %d".formatted(outcome.weightsVersion(), version));
    } else {
      String key = id.key();
      queue.add(new Queued(new Item(partition, offset, key, scored), arrivals++));
      counters.add(key, id.counter());
      offsets.add(partition, offset);
    }
  }

  private static boolean finite(ScoredGeneration.Scored scored) {
    return scored.generation().particles().isFinite()
        && scored.rewards().isFinite()
        && scored.gradients().isFinite()
        && scored.generation().contexts().map(Tensor::isFinite).orElse(true)
        && scored.generation().references().map(Tensor::isFinite).orElse(true);
  }

  /**
   * The groups that the next step would take, oldest weights first; all of one reward and version,
   * hence fewer than usual where the reward changes. Empty while there are too few. They stay until
   * {@link #take}.
   *
   * @param version the current weights version
   * @param groups how many a step takes
   */
  public List<Item> candidates(long version, int groups) {
    refuseOlderThan(version - maxLag);
    List<Item> batch = new ArrayList<>();
    for (Queued queued : queue) {
      Item next = queued.item();
      if (!batch.isEmpty() && !sameReward(next.group(), batch.get(0).group())) {
        return batch;
      }
      batch.add(next);
      if (batch.size() == groups) {
        return batch;
      }
    }
    return List.of();
  }

  private static boolean sameReward(ScoredGeneration one, ScoredGeneration other) {
    return one.scoring().activation() == other.scoring().activation()
        && one.reward().equals(other.reward())
        && one.scoring().critic().equals(other.scoring().critic());
  }

  private void refuseOlderThan(long oldest) {
    while (!queue.isEmpty() && queue.first().item().group().weightsVersion() < oldest) {
      Item item = pollFirst();
      refuse(
          item.group().id(),
          Refusal.TOO_OLD,
          "weights version %d, the lag bound allows %d"
              .formatted(item.group().weightsVersion(), oldest));
    }
  }

  /** The candidates go into a step. */
  public void take(List<Item> candidates) {
    for (int i = 0; i < candidates.size(); i++) {
      pollFirst();
    }
  }

  private Item pollFirst() {
    Item item = Objects.requireNonNull(queue.pollFirst()).item();
    counters.remove(item.key(), item.group().id().counter());
    offsets.remove(item.partition(), item.offset());
    return item;
  }

  private void refuse(GroupId id, Refusal reason, String detail) {
    count(reason, 1);
    listener.refused(id, reason, detail);
  }

  private void count(Refusal reason, long groups) {
    if (groups > 0) {
      refusals.merge(reason, groups, Long::sum);
    }
  }

  /**
   * The next counter to be consumed, by key: what {@code consumed} must be after a restart. Within
   * a key the oldest go first, so everything before it has left.
   */
  public Map<String, Long> consumed() {
    Map<String, Long> consumed = new HashMap<>(received);
    counters.lower(consumed);
    awaited.lower(consumed);
    return consumed;
  }

  /**
   * The next offset to be read, by partition, after a restart: nothing unconsumed stands before it.
   */
  public Map<Integer, Long> positions() {
    Map<Integer, Long> positions = new HashMap<>(readUpTo);
    offsets.lower(positions);
    return positions;
  }

  /** How many groups wait for a step. */
  public int queued() {
    return queue.size();
  }

  /** How many groups were refused, by reason. */
  public Map<Refusal, Long> refusals() {
    return Map.copyOf(refusals);
  }
}
