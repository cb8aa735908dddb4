// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.registry;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.favstream.protocol.RegistryEvent;
import org.favstream.protocol.RewardDefinition;
import org.favstream.protocol.RewardVersion;
import org.favstream.reward.registry.RefusedException.Kind;

/**
 * What may be done with the rewards of a run. Each gives the event that does it, to be put on the
 * log, and changes nothing itself: until it stands there, another may be first.
 */
public final class Decisions {

  /** How many rewards may be in shadow at once. */
  public static final int MOST_SHADOWS = 4;

  /** How long a reward may take to come in. */
  public static final long LONGEST_BLEND_MILLIS = 3_600_000;

  private static final Set<String> COMPOSED = Set.of("ensemble", "sum");
  private static final Set<String> KINDS = Set.of("builtin", "torchscript", "remote");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
  private static final Pattern REFERENCE = Pattern.compile("([^@]+)(?:@([0-9]{1,18}))?");

  private final Registry registry;

  /** On a state of the registry. */
  public Decisions(Registry registry) {
    this.registry = registry;
  }

  /**
   * The reward that is meant.
   *
   * @param reference {@code name@version}, or a name for its newest version
   */
  public RewardDefinition resolve(String reference) throws RefusedException {
    Matcher parts = REFERENCE.matcher(reference);
    if (!parts.matches()) {
      throw new RefusedException(
          Kind.BAD_REQUEST,
          "a reward is named NAME or NAME@VERSION, got '%s'".formatted(reference));
    }
    String name = parts.group(1);
    long version = parts.group(2) == null ? newest(name) : Long.parseLong(parts.group(2));
    return registry
        .definition(new RewardVersion(name, version))
        .orElseThrow(
            () ->
                new RefusedException(
                    Kind.NOT_FOUND,
                    "there is no reward %s; there are %s".formatted(reference, names())));
  }

  /** The newest version of a name, or 0 where there is none. */
  private long newest(String name) {
    return versions(name).stream().mapToLong(Long::longValue).max().orElse(0);
  }

  private List<Long> versions(String name) {
    return registry.definitions().stream()
        .map(RewardDefinition::reward)
        .filter(reward -> reward.name().equals(name))
        .map(RewardVersion::version)
        .toList();
  }

  private String names() {
    List<String> names =
        registry.definitions().stream().map(known -> known.reward().toString()).toList();
    return String.join(", ", names);
  }

  /** A reward becomes a candidate. */
  public RegistryEvent.Added add(NewReward asked, RegistryEvent.Origin origin)
      throws RefusedException {
    String name = asked.name();
    if (!NAME.matcher(name).matches()) {
      throw new RefusedException(
          Kind.BAD_REQUEST,
          "name: got '%s', expected up to 63 letters, digits, '.', '_' and '-'".formatted(name));
    }
    boolean inUse = !versions(name).isEmpty();
    if (inUse && !asked.newVersion()) {
      throw new RefusedException(
          Kind.CONFLICT,
          "the name %s is in use, by %s: take another, or ask for a new version of it"
              .formatted(name, new RewardVersion(name, newest(name))));
    }
    requireKind(asked);
    RewardDefinition own = registry.own();
    return new RegistryEvent.Added(
        origin,
        new RewardDefinition(
            new RewardVersion(name, newest(name) + 1),
            asked.kind(),
            asked.settings(),
            terms(asked),
            asked.artifact(),
            own.particleSize(),
            own.contextSize()));
  }

  private static void requireKind(NewReward asked) throws RefusedException {
    String kind = asked.kind();
    if (!KINDS.contains(kind) && !COMPOSED.contains(kind)) {
      throw new RefusedException(
          Kind.BAD_REQUEST,
          "kind: got '%s', expected builtin, torchscript, remote, ensemble or sum".formatted(kind));
    }
    if (COMPOSED.contains(kind) == asked.terms().isEmpty()) {
      throw new RefusedException(
          Kind.BAD_REQUEST,
          asked.terms().isEmpty()
              ? "a reward of kind %s needs members".formatted(kind)
              : "a reward of kind %s has no members".formatted(kind));
    }
    if (asked.artifact().isPresent() && !kind.equals("torchscript")) {
      throw new RefusedException(
          Kind.BAD_REQUEST, "a reward of kind %s has no file".formatted(kind));
    }
  }

  private List<RewardDefinition.Term> terms(NewReward asked) throws RefusedException {
    List<RewardDefinition.Term> terms = new ArrayList<>();
    Set<RewardVersion> members = new HashSet<>();
    for (NewReward.Term term : asked.terms()) {
      RewardVersion member = resolve(term.reward()).reward();
      if (!members.add(member)) {
        throw new RefusedException(Kind.BAD_REQUEST, member + " is a member twice");
      }
      if (!Double.isFinite(term.weight())) {
        throw new RefusedException(
            Kind.BAD_REQUEST, "the weight of %s is %s".formatted(member, term.weight()));
      }
      terms.add(new RewardDefinition.Term(member, term.weight()));
    }
    return terms;
  }

  /**
   * A reward scores a share of the live groups without influence. One that is in shadow already
   * gets another share, and where another control is asked, goes over to that.
   *
   * @param share in (0, 1]
   * @param control which scores
   */
  public RegistryEvent.Shadowed shadow(
      RewardVersion reward, double share, String control, RegistryEvent.Origin origin)
      throws RefusedException {
    if (!(share > 0 && share <= 1)) {
      throw new RefusedException(
          Kind.BAD_REQUEST, "share: got %s, expected more than 0 and at most 1".formatted(share));
    }
    if (reward.equals(registry.active())) {
      throw new RefusedException(
          Kind.CONFLICT, reward + " is the active one: it scores every group already");
    }
    if (!registry.shadows().containsKey(reward) && registry.shadows().size() >= MOST_SHADOWS) {
      throw new RefusedException(
          Kind.CONFLICT,
          "%d rewards are in shadow already, which is the most: end one with a share of 0"
              .formatted(MOST_SHADOWS));
    }
    return new RegistryEvent.Shadowed(origin, reward, share, "", control);
  }

  /**
   * A shadow ends.
   *
   * @param result of the shadow, as JSON; empty where there is none
   * @param control which knows the result
   */
  public RegistryEvent.Shadowed endShadow(
      RewardVersion reward, String result, String control, RegistryEvent.Origin origin)
      throws RefusedException {
    if (!registry.shadows().containsKey(reward)) {
      throw new RefusedException(Kind.CONFLICT, reward + " is not in shadow");
    }
    // Of one that is active there is no other way to end it where its control is gone.
    if (!registry.isScoredBy(reward, control) && !reward.equals(registry.active())) {
      throw new RefusedException(
          Kind.CONFLICT,
          "%s is scored by control %s, which has its figures: end it there, or first take it over here, with a share above 0"
              .formatted(reward, registry.shadowControl(reward)));
    }
    return new RegistryEvent.Shadowed(origin, reward, 0, result);
  }

  /**
   * Returns where a reward may be activated.
   *
   * @param requireBacktest whether it must have been backtested
   */
  public void requireActivatable(RewardVersion reward, boolean requireBacktest)
      throws RefusedException {
    if (reward.equals(registry.active())) {
      throw new RefusedException(Kind.CONFLICT, reward + " is the active one already");
    }
    Optional<RegistryEvent.Backtested> last = registry.backtest(reward);
    if (requireBacktest && last.isEmpty()) {
      throw new RefusedException(Kind.GATE, reward + " was not backtested, which is required");
    }
    List<String> failed = last.map(RegistryEvent.Backtested::failed).orElse(List.of());
    if (!failed.isEmpty()) {
      throw new RefusedException(
          Kind.GATE,
          "the last backtest of %s did not pass its gate: %s; backtest it again, with another gate or none"
              .formatted(reward, String.join(", ", failed)));
    }
  }

  /**
   * A reward becomes the active one.
   *
   * @param requireBacktest whether it must have been backtested
   * @param fence its first group's offset, by partition; read after this state was
   * @param blendMillis over how long it comes in
   */
  public RegistryEvent.Activated activate(
      RewardVersion reward,
      boolean requireBacktest,
      Map<Integer, Long> fence,
      long blendMillis,
      String reason,
      RegistryEvent.Origin origin)
      throws RefusedException {
    requireActivatable(reward, requireBacktest);
    requireBlend(blendMillis);
    return new RegistryEvent.Activated(
        origin, reward, nextNumber(), fence, blendMillis, false, reason);
  }

  /** Returns where a reward may take so long to come in. */
  public void requireBlend(long blendMillis) throws RefusedException {
    if (blendMillis < 0 || blendMillis > LONGEST_BLEND_MILLIS) {
      throw new RefusedException(
          Kind.BAD_REQUEST,
          "blend: got %d ms, expected 0 to %d".formatted(blendMillis, LONGEST_BLEND_MILLIS));
    }
  }

  /** What a rollback activates: the reward that the active one was activated over. */
  public RewardVersion rollbackTarget() throws RefusedException {
    return registry
        .previous()
        .orElseThrow(
            () ->
                new RefusedException(
                    Kind.CONFLICT,
                    "there is nothing to go back to: %s is what the run began with"
                        .formatted(registry.active())));
  }

  /**
   * The reward before becomes the active one again. After a rollback the next one goes further
   * back, up to the job's own reward; an activation puts its reward on top of where one is then.
   *
   * @param fence its first group's offset, by partition; read after this state was
   */
  public RegistryEvent.Activated rollback(
      Map<Integer, Long> fence, String reason, RegistryEvent.Origin origin)
      throws RefusedException {
    return new RegistryEvent.Activated(
        origin, rollbackTarget(), nextNumber(), fence, 0, true, reason);
  }

  private long nextNumber() {
    return registry.timeline().current().number() + 1;
  }
}
