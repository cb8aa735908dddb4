// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.favstream.actors.runtime.NodeContext;
import org.favstream.protocol.Generation;
import org.favstream.protocol.RegistryEvent;
import org.favstream.protocol.RewardDefinition;
import org.favstream.protocol.RewardVersion;
import org.favstream.reward.backtest.Gate;
import org.favstream.reward.model.RewardModel;
import org.favstream.reward.registry.Decisions;
import org.favstream.reward.registry.DefinedRewards;
import org.favstream.reward.registry.NewReward;
import org.favstream.reward.registry.RefusedException;
import org.favstream.reward.registry.RefusedException.Kind;
import org.favstream.reward.registry.Registry;
import org.favstream.reward.registry.RewardModels;
import org.favstream.reward.registry.RewardOperations;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rewards of a run, on the log: follows the topic reward-registry, and puts there what is asked
 * for, once it was decided to be sound and, of a reward that is to be used, its model was tried.
 *
 * <p>Several of them may act on one run. None holds a state that the log does not: an operation
 * that the log voids, for another's was first, is refused, naming the other.
 */
public final class RewardControl implements RewardOperations, AutoCloseable {

  /**
   * What a control needs to know of its job.
   *
   * @param own the job's own reward
   * @param groupSize particles a group, in all its contexts
   * @param device where rewards compute that name none
   * @param trialPatience how long a model may take to be made and to score a group
   */
  public record Settings(
      RewardDefinition own, int groupSize, String device, Duration trialPatience) {}

  /** Ends of shadows are written while the node ends; others wait for that. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);

  private static final Logger log = LoggerFactory.getLogger(RewardControl.class);

  private final NodeContext node;
  private final String nodeName;
  private final Own own;
  private final LiveRegistry registry;
  private final ArtifactLog artifacts;
  private final ModelTrial trial;
  private final Backtests backtests;
  private final Shadows shadows;

  /**
   * Begins to follow.
   *
   * @param nodeName unlike any other node's of the run
   * @param own makes the job's own reward, once it is wanted: critics are followed from then on
   * @param artifacts has the files of the others
   */
  public RewardControl(
      NodeContext node,
      String nodeName,
      Settings settings,
      Supplier<RewardSource> own,
      ArtifactLog artifacts) {
    this.node = node;
    this.nodeName = nodeName;
    this.own = new Own(own, settings.own().reward());
    this.artifacts = artifacts;
    this.registry = new LiveRegistry(node, nodeName, settings.own());
    RewardModels models =
        new DefinedRewards(
            this.own::model,
            reward -> registry.known().definition(reward),
            artifacts::fetch,
            settings.device());
    this.trial = new ModelTrial(this::newest, models, settings.trialPatience());
    this.backtests = new Backtests(node, models, settings.groupSize());
    this.shadows =
        new Shadows(
            node,
            nodeName,
            registry,
            models,
            (reward, result) -> endShadow(reward, result, LAST_WORDS));
  }

  /** The job's own reward. */
  private static final class Own implements AutoCloseable {
    private final Supplier<RewardSource> factory;
    private final RewardVersion version;
    private @Nullable RewardSource source;

    Own(Supplier<RewardSource> factory, RewardVersion version) {
      this.factory = factory;
      this.version = version;
    }

    synchronized RewardModel model() {
      RewardSource known = source == null ? factory.get() : source;
      source = known;
      VersionedReward opened = known.open(reward -> Optional.empty());
      return new RewardModel() {
        @Override
        public Rewards evaluate(Block block) {
          return opened.current(version).model().evaluate(block);
        }

        @Override
        public void close() {
          opened.close();
        }
      };
    }

    @Override
    public synchronized void close() {
      if (source != null) {
        source.close();
      }
    }
  }

  @Override
  public String run() {
    return node.run();
  }

  @Override
  public Registry registry() throws RefusedException {
    return registry.get();
  }

  private Optional<Generation> newest() throws RefusedException {
    try (LoggedGroups groups = new LoggedGroups(node)) {
      return groups.newest();
    }
  }

  private RegistryEvent.Origin origin(String by) {
    return new RegistryEvent.Origin(node.run(), node.clock().millis(), by);
  }

  private Done written(RegistryEvent event, String checkedOn) throws RefusedException {
    Registry.Entry entry = registry.write(event);
    if (entry.voidBecause().isPresent()) {
      throw new RefusedException(
          Kind.CONFLICT,
          "someone else was first: %s (offset %d of the registry is void)"
              .formatted(entry.voidBecause().get(), entry.offset()));
    }
    return new Done(event, entry.offset(), checkedOn);
  }

  @Override
  public Done add(NewReward asked, String by) throws RefusedException {
    RewardDefinition wanted = new Decisions(registry.get()).add(asked, origin(by)).definition();
    String checkedOn = trial.run(wanted);
    // Anew: meanwhile the name may have been taken, or have got a version.
    return written(new Decisions(registry.get()).add(asked, origin(by)), checkedOn);
  }

  @Override
  public RewardDefinition.Artifact put(InputStream content, String sha256)
      throws RefusedException, IOException {
    return artifacts.put(content, sha256);
  }

  @Override
  public Backtesting backtest(String reward, BacktestRequest asked, String by)
      throws RefusedException {
    Registry known = registry.get();
    Decisions decisions = new Decisions(known);
    RewardDefinition candidate = decisions.resolve(reward);
    RewardDefinition against =
        decisions.resolve(asked.against().orElseGet(() -> known.active().toString()));
    Gate gate = Backtests.gate(asked.gate());
    return backtests.begin(
        new LoggedBacktest.Rivals(candidate, against),
        asked.last(),
        gate,
        (outcome, verdict) ->
            written(
                new RegistryEvent.Backtested(
                    origin(by),
                    candidate.reward(),
                    against.reward(),
                    outcome.json().toString(),
                    gate.toString(),
                    verdict.failures().stream().map(Gate.Failure::toString).toList()),
                ""));
  }

  @Override
  public Backtesting backtesting(String id) throws RefusedException {
    return backtests.get(id);
  }

  @Override
  public Done shadow(String reward, double share, String by) throws RefusedException {
    Decisions decisions = new Decisions(registry.get());
    RewardDefinition definition = decisions.resolve(reward);
    if (share == 0) {
      String result = shadows.results().getOrDefault(definition.reward(), "");
      return written(decisions.endShadow(definition.reward(), result, nodeName, origin(by)), "");
    }
    RegistryEvent event = decisions.shadow(definition.reward(), share, nodeName, origin(by));
    return written(event, trial.run(definition));
  }

  @Override
  public Map<RewardVersion, String> shadowResults() {
    return shadows.results();
  }

  private void endShadow(RewardVersion reward, String result, Duration patience) {
    try {
      RegistryEvent event =
          new Decisions(registry.known()).endShadow(reward, result, nodeName, origin(nodeName));
      Registry.Entry unused = registry.write(event, patience);
    } catch (RefusedException e) {
      log.info("the shadow of {}: {}", reward, e.getMessage());
    }
  }

  @Override
  public Done activate(String reward, ActivationRequest asked, String by) throws RefusedException {
    Decisions decisions = new Decisions(registry.get());
    RewardDefinition definition = decisions.resolve(reward);
    decisions.requireActivatable(definition.reward(), asked.requireBacktest());
    decisions.requireBlend(asked.blendMillis());
    String checkedOn = trial.run(definition);
    Decisions now = new Decisions(registry.get());
    RegistryEvent event =
        now.activate(
            definition.reward(),
            asked.requireBacktest(),
            fence(),
            asked.blendMillis(),
            asked.reason(),
            origin(by));
    return written(event, checkedOn);
  }

  @Override
  public Done rollback(String reason, String by) throws RefusedException {
    return rollbackFrom(registry.get().timeline().current().number(), reason, by);
  }

  /**
   * Goes back from one activation, and from no other one.
   *
   * @param activation its number
   * @throws RefusedException where another is in force by now, or as {@link #rollback}
   */
  public Done rollbackFrom(long activation, String reason, String by) throws RefusedException {
    Decisions decisions = new Decisions(requireInForce(activation));
    String checkedOn = trial.run(decisions.resolve(decisions.rollbackTarget().toString()));
    Decisions now = new Decisions(requireInForce(activation));
    return written(now.rollback(fence(), reason, origin(by)), checkedOn);
  }

  private Registry requireInForce(long activation) throws RefusedException {
    Registry known = registry.get();
    if (known.timeline().current().number() != activation) {
      throw new RefusedException(
          Kind.CONFLICT, "someone else was first: %s is active by now".formatted(known.active()));
    }
    return known;
  }

  /**
   * Puts an alarm on the log.
   *
   * @param alarm which one
   * @param weightsVersion at which it was seen
   * @param detail for people
   * @throws RefusedException where another control was first, or the log does not answer
   */
  public Done alarm(String alarm, long weightsVersion, String detail, String by)
      throws RefusedException {
    return written(new RegistryEvent.Alarmed(origin(by), alarm, weightsVersion, detail), "");
  }

  /**
   * Read after the state that is decided on, so that fences follow each other as activations do.
   */
  private Map<Integer, Long> fence() throws RefusedException {
    try (LoggedGroups groups = new LoggedGroups(node)) {
      return groups.ends();
    }
  }

  /** Ends; shadows end with it, and leave what they have seen on the log. */
  @Override
  public void close() {
    Map<RewardVersion, String> last = shadows.results();
    shadows.close();
    backtests.close();
    trial.close();
    last.forEach((reward, result) -> endShadow(reward, result, LAST_WORDS));
    registry.close();
    own.close();
  }
}
