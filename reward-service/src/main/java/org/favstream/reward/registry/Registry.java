// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.registry;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.favstream.actors.registry.RewardTimeline;
import org.favstream.protocol.RegistryEvent;
import org.favstream.protocol.RewardDefinition;
import org.favstream.protocol.RewardVersion;

/**
 * The rewards of a run, as the events of the log leave them. Immutable: {@link #with} gives the
 * next one. An event may be void, where another was first or what it is about is not there; void
 * events change nothing, and stand in the history with the reason.
 */
public final class Registry {

  /** What a reward is at the moment; where several are true, the first of active and shadow. */
  public enum State {
    /** It was added, and did not count yet. */
    CANDIDATE,
    /** It scores a share of the live groups, without influence. */
    SHADOW,
    /** Groups are scored by it. */
    ACTIVE,
    /** It was active before. */
    RETIRED
  }

  /**
   * An event, and what became of it.
   *
   * @param offset on the topic reward-registry
   * @param voidBecause why it changed nothing; empty where it counts
   */
  public record Entry(long offset, RegistryEvent event, Optional<String> voidBecause) {}

  private final Map<RewardVersion, RewardDefinition> definitions;
  private final RewardTimeline timeline;

  /** What rollbacks go back through: the active one last, the job's own first. */
  private final List<RewardVersion> activeBefore;

  private final Map<RewardVersion, RegistryEvent.Backtested> backtests;
  private final Map<RewardVersion, RegistryEvent.Shadowed> shadows;
  private final List<Entry> history;

  private Registry(
      Map<RewardVersion, RewardDefinition> definitions,
      RewardTimeline timeline,
      List<RewardVersion> activeBefore,
      Map<RewardVersion, RegistryEvent.Backtested> backtests,
      Map<RewardVersion, RegistryEvent.Shadowed> shadows,
      List<Entry> history) {
    this.definitions = definitions;
    this.timeline = timeline;
    this.activeBefore = activeBefore;
    this.backtests = backtests;
    this.shadows = shadows;
    this.history = history;
  }

  /**
   * A run whose log has no events yet.
   *
   * @param own the job's own reward, active from the beginning
   */
  public static Registry of(RewardDefinition own) {
    return new Registry(
        Map.of(own.reward(), own),
        RewardTimeline.of(own.reward()),
        List.of(own.reward()),
        Map.of(),
        Map.of(),
        List.of());
  }

  /**
   * With what an event changes.
   *
   * @param offset where it stands on the log: more than that of the one before
   */
  public Registry with(long offset, RegistryEvent event) {
    Change change = new Change(this);
    Optional<String> voidBecause = change.apply(event);
    List<Entry> entries = new ArrayList<>(history);
    entries.add(new Entry(offset, event, voidBecause));
    return new Registry(
        change.definitions,
        change.timeline,
        change.activeBefore,
        change.backtests,
        change.shadows,
        entries);
  }

  /** The next state in the making. */
  private static final class Change {
    private final Registry before;
    private final Map<RewardVersion, RewardDefinition> definitions;
    private final Map<RewardVersion, RegistryEvent.Backtested> backtests;
    private final Map<RewardVersion, RegistryEvent.Shadowed> shadows;
    private final List<RewardVersion> activeBefore;
    private RewardTimeline timeline;

    Change(Registry before) {
      this.before = before;
      this.definitions = new LinkedHashMap<>(before.definitions);
      this.backtests = new LinkedHashMap<>(before.backtests);
      this.shadows = new LinkedHashMap<>(before.shadows);
      this.activeBefore = new ArrayList<>(before.activeBefore);
      this.timeline = before.timeline;
    }

    /** Why it is void, or that it is not. */
    Optional<String> apply(RegistryEvent event) {
      if (event instanceof RegistryEvent.Added added) {
        return added(added.definition());
      } else if (event instanceof RegistryEvent.Activated activated) {
        return activated(activated);
      } else if (event instanceof RegistryEvent.Backtested backtested) {
        return known(backtested.reward(), reward -> backtests.put(reward, backtested));
      } else if (event instanceof RegistryEvent.Shadowed shadowed) {
        return shadowed(shadowed);
      } else if (event instanceof RegistryEvent.Alarmed alarmed) {
        return alarmed(alarmed);
      }
      return Optional.empty();
    }

    private Optional<String> known(RewardVersion reward, Function<RewardVersion, ?> change) {
      if (!definitions.containsKey(reward)) {
        return Optional.of("there is no reward " + reward);
      }
      Object unused = change.apply(reward);
      return Optional.empty();
    }

    private Optional<String> added(RewardDefinition definition) {
      if (definitions.containsKey(definition.reward())) {
        return Optional.of(definition.reward() + " was added before");
      }
      for (RewardDefinition.Term term : definition.terms()) {
        if (!definitions.containsKey(term.reward())) {
          return Optional.of("there is no reward " + term.reward());
        }
      }
      definitions.put(definition.reward(), definition);
      return Optional.empty();
    }

    private Optional<String> activated(RegistryEvent.Activated activated) {
      // Whether it counts is for the timeline to say, as every node of the run follows it.
      timeline = before.timeline.with(activated);
      if (timeline.current().number() == before.timeline.current().number()) {
        return Optional.of(
            before
                .winner(activated.number())
                .map(
                    first ->
                        "%s was activated first, by %s"
                            .formatted(first.reward(), first.origin().by()))
                .orElseGet(
                    () ->
                        "it is number %d after number %d"
                            .formatted(activated.number(), before.timeline.current().number())));
      }
      int depth = activeBefore.size();
      if (activated.rollback()
          && depth > 1
          && activeBefore.get(depth - 2).equals(activated.reward())) {
        activeBefore.remove(depth - 1);
      } else {
        activeBefore.add(activated.reward());
      }
      return Optional.empty();
    }

    /** Several watch one run, and see the same. */
    private Optional<String> alarmed(RegistryEvent.Alarmed alarmed) {
      return before
          .alarm(alarmed.alarm(), alarmed.weightsVersion())
          .map(first -> "it was raised before, by " + first.origin().by());
    }

    private Optional<String> shadowed(RegistryEvent.Shadowed shadowed) {
      if (shadowed.share() > 0) {
        return known(shadowed.reward(), reward -> shadows.put(reward, shadowed));
      }
      return shadows.remove(shadowed.reward()) == null
          ? Optional.of("the shadow of %s had ended before".formatted(shadowed.reward()))
          : Optional.empty();
    }
  }

  private Optional<RegistryEvent.Alarmed> alarm(String name, long weightsVersion) {
    return history.stream()
        .filter(entry -> entry.voidBecause().isEmpty())
        .map(Entry::event)
        .filter(RegistryEvent.Alarmed.class::isInstance)
        .map(RegistryEvent.Alarmed.class::cast)
        .filter(alarm -> alarm.alarm().equals(name) && alarm.weightsVersion() == weightsVersion)
        .findFirst();
  }

  private Optional<RegistryEvent.Activated> winner(long number) {
    return history.stream()
        .filter(entry -> entry.voidBecause().isEmpty())
        .map(Entry::event)
        .filter(RegistryEvent.Activated.class::isInstance)
        .map(RegistryEvent.Activated.class::cast)
        .filter(activated -> activated.number() == number)
        .findFirst();
  }

  /** The job's own reward: active until another is. */
  public RewardDefinition own() {
    RewardDefinition own = definitions.get(timeline.get(0).reward());
    if (own == null) {
      throw new IllegalStateException("a registry without the job's own reward");
    }
    return own;
  }

  /** The reward that is active. */
  public RewardVersion active() {
    return timeline.current().reward();
  }

  /** What a rollback would go back to; empty where there is nothing. */
  public Optional<RewardVersion> previous() {
    int depth = activeBefore.size();
    return depth > 1 ? Optional.of(activeBefore.get(depth - 2)) : Optional.empty();
  }

  /** The activations that count. */
  public RewardTimeline timeline() {
    return timeline;
  }

  /** All rewards, in the order in which they were added. */
  public List<RewardDefinition> definitions() {
    return List.copyOf(definitions.values());
  }

  /** A reward's definition. */
  public Optional<RewardDefinition> definition(RewardVersion reward) {
    return Optional.ofNullable(definitions.get(reward));
  }

  /** What a reward that is there is at the moment. */
  public State state(RewardVersion reward) {
    if (reward.equals(active())) {
      return State.ACTIVE;
    }
    if (shadows.containsKey(reward)) {
      return State.SHADOW;
    }
    for (long number = timeline.current().number(); number >= 0; number--) {
      if (timeline.get(number).reward().equals(reward)) {
        return State.RETIRED;
      }
    }
    return State.CANDIDATE;
  }

  /** A reward's last backtest. */
  public Optional<RegistryEvent.Backtested> backtest(RewardVersion reward) {
    return Optional.ofNullable(backtests.get(reward));
  }

  /** Shares of live groups, by reward, of the shadows that have not ended. */
  public Map<RewardVersion, Double> shadows() {
    Map<RewardVersion, Double> shares = new HashMap<>();
    shadows.forEach((reward, shadowed) -> shares.put(reward, shadowed.share()));
    return shares;
  }

  /** Those of the shadows that a control scores, as {@link #shadows}. */
  public Map<RewardVersion, Double> shadowsOf(String control) {
    Map<RewardVersion, Double> own = shadows();
    own.keySet().removeIf(reward -> !isScoredBy(reward, control));
    return own;
  }

  /** Which control scores a reward that is in shadow; empty where each does. */
  public String shadowControl(RewardVersion reward) {
    RegistryEvent.Shadowed shadowed = shadows.get(reward);
    return shadowed == null ? "" : shadowed.control();
  }

  /** Whether a control scores a reward that is in shadow. */
  boolean isScoredBy(RewardVersion reward, String control) {
    return shadowControl(reward).isEmpty() || shadowControl(reward).equals(control);
  }

  /** All events in their order, void ones too. */
  public List<Entry> history() {
    return List.copyOf(history);
  }

  /** The event that stands at an offset. */
  public Optional<Entry> at(long offset) {
    return history.stream().filter(entry -> entry.offset() == offset).findFirst();
  }
}
