// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.favstream.protocol.RegistryEvent;
import org.favstream.protocol.RewardDefinition;
import org.favstream.protocol.RewardVersion;
import org.favstream.reward.registry.Decisions;
import org.favstream.reward.registry.NewReward;
import org.favstream.reward.registry.RefusedException;
import org.favstream.reward.registry.RefusedException.Kind;
import org.favstream.reward.registry.Registry;
import org.favstream.reward.registry.RewardOperations;

/** A registry without a log; models are not tried, and backtests give what they are told to. */
public final class FakeOperations implements RewardOperations {
  private static final String TRIED = "a test's group";

  private final Map<String, Backtesting> backtests = new LinkedHashMap<>();
  private Registry registry =
      Registry.of(
          new RewardDefinition(
              new RewardVersion("own", 1), "own", Map.of(), List.of(), Optional.empty(), 2, 0));

  /** Conditions that the next backtest does not pass. */
  public List<String> failing = List.of();

  /** What the next call is refused with; empty to be done. */
  public Optional<RefusedException> refusal = Optional.empty();

  /** What a file is refused with, unread; empty to be taken. */
  public Optional<RefusedException> fileRefusal = Optional.empty();

  private static RegistryEvent.Origin origin(String by) {
    return new RegistryEvent.Origin("run-1", 1_700_000_000_000L, by);
  }

  private Done write(RegistryEvent event, String checkedOn) {
    long offset = registry.history().size();
    registry = registry.with(offset, event);
    return new Done(event, offset, checkedOn);
  }

  private Decisions decide() throws RefusedException {
    if (refusal.isPresent()) {
      throw refusal.get();
    }
    return new Decisions(registry);
  }

  @Override
  public String run() {
    return "run-1";
  }

  @Override
  public synchronized Registry registry() throws RefusedException {
    Decisions unused = decide();
    return registry;
  }

  @Override
  public synchronized Done add(NewReward asked, String by) throws RefusedException {
    return write(decide().add(asked, origin(by)), TRIED);
  }

  @Override
  public RewardDefinition.Artifact put(InputStream content, String sha256)
      throws RefusedException, IOException {
    if (fileRefusal.isPresent()) {
      throw fileRefusal.get();
    }
    long size = content.readAllBytes().length;
    if (size == 0) {
      throw new RefusedException(Kind.UNUSABLE, "the file is empty");
    }
    return new RewardDefinition.Artifact(sha256, size);
  }

  @Override
  public synchronized Backtesting backtest(String reward, BacktestRequest asked, String by)
      throws RefusedException {
    RewardVersion resolved = decide().resolve(reward).reward();
    RegistryEvent.Backtested event =
        new RegistryEvent.Backtested(
            origin(by),
            resolved,
            registry.active(),
            "{\"rank\": 0.25, \"particles\": %d}".formatted(asked.last()),
            asked.gate(),
            failing);
    String id = "b" + backtests.size();
    Backtesting begun =
        new Backtesting(id, resolved, registry.active(), 8, 3, Optional.empty(), Optional.empty());
    backtests.put(
        id,
        new Backtesting(
            id,
            resolved,
            registry.active(),
            8,
            8,
            Optional.of(write(event, "")),
            Optional.empty()));
    return begun;
  }

  @Override
  public synchronized Backtesting backtesting(String id) throws RefusedException {
    Backtesting known = backtests.get(id);
    if (known == null) {
      throw new RefusedException(Kind.NOT_FOUND, "there is no backtest " + id);
    }
    return known;
  }

  @Override
  public synchronized Done shadow(String reward, double share, String by) throws RefusedException {
    RewardVersion resolved = decide().resolve(reward).reward();
    return write(
        share == 0
            ? decide().endShadow(resolved, "{\"groups\": 4}", "control", origin(by))
            : decide().shadow(resolved, share, "control", origin(by)),
        "");
  }

  @Override
  public synchronized Map<RewardVersion, String> shadowResults() {
    Map<RewardVersion, String> results = new LinkedHashMap<>();
    registry.shadows().keySet().forEach(reward -> results.put(reward, "{\"groups\": 2}"));
    return results;
  }

  @Override
  public synchronized Done activate(String reward, ActivationRequest asked, String by)
      throws RefusedException {
    Decisions decisions = decide();
    return write(
        decisions.activate(
            decisions.resolve(reward).reward(),
            asked.requireBacktest(),
            Map.of(0, 40L, 11, 7L),
            asked.blendMillis(),
            asked.reason(),
            origin(by)),
        TRIED);
  }

  @Override
  public synchronized Done rollback(String reason, String by) throws RefusedException {
    return write(decide().rollback(Map.of(0, 50L), reason, origin(by)), TRIED);
  }
}
