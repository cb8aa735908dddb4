// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.favstream.actors.runtime.Faults;
import org.favstream.protocol.RewardDefinition;
import org.favstream.protocol.RewardVersion;
import org.favstream.reward.model.RewardModel;
import org.favstream.reward.model.RewardModelException;
import org.favstream.reward.registry.DefinedRewards;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The job's own reward, and whatever was added to the registry: made when it is first wanted, by
 * each worker for itself. What cannot be made is tried again after a while.
 */
public final class RegisteredRewards implements RewardSource {

  /** Models that a worker keeps: the active one, the one before, and what rollbacks go back to. */
  private static final int KEPT = 4;

  private static final Duration TRY_AGAIN = Duration.ofSeconds(5);

  private static final Logger log = LoggerFactory.getLogger(RegisteredRewards.class);

  private final RewardVersion ownVersion;
  private final RewardSource own;
  private final ArtifactLog files;
  private final String device;
  private final Clock clock;

  /**
   * Makes nothing yet.
   *
   * @param ownVersion of the job's own reward
   * @param own the job's own reward; closed with this
   * @param device where rewards compute that name none
   */
  public RegisteredRewards(
      RewardVersion ownVersion, RewardSource own, ArtifactLog files, String device, Clock clock) {
    this.ownVersion = ownVersion;
    this.own = own;
    this.files = files;
    this.device = device;
    this.clock = clock;
  }

  @Override
  public VersionedReward open(Function<RewardVersion, Optional<RewardDefinition>> definitions) {
    return new Shelf(definitions);
  }

  @Override
  public boolean await(Duration most) {
    return own.await(most);
  }

  @Override
  public void close() {
    own.close();
  }

  /**
   * A model that can score.
   *
   * @param ofOwn whether the job's own reward is a part of it
   */
  private record Made(RewardModel model, boolean ofOwn) {}

  private record Failure(RuntimeException fault, Instant until) {}

  /** Of one worker. */
  private final class Shelf implements VersionedReward {
    private final Function<RewardVersion, Optional<RewardDefinition>> definitions;
    private final VersionedReward ownRewards;
    private final DefinedRewards models;
    private final Map<RewardVersion, Made> made = new LinkedHashMap<>(8, 0.75f, true);
    private final Map<RewardVersion, Failure> failures = new HashMap<>();
    private @Nullable Current ownNow;

    Shelf(Function<RewardVersion, Optional<RewardDefinition>> definitions) {
      this.definitions = definitions;
      this.ownRewards = own.open(definitions);
      this.models = new DefinedRewards(() -> this::ownEvaluate, definitions, files::fetch, device);
    }

    /** One version of a critic for a whole group: the one that its score carries. */
    private RewardModel.Rewards ownEvaluate(RewardModel.Block block) {
      Current known = ownNow;
      return (known == null ? ownRewards.current(ownVersion) : known).model().evaluate(block);
    }

    @Override
    public Current current(RewardVersion wanted) {
      if (wanted.equals(ownVersion)) {
        return ownRewards.current(wanted); // a critic's scores carry its own versions
      }
      Made known = made.get(wanted);
      Made ready = known == null ? make(wanted) : known;
      return new Current(
          wanted, ready.model(), ready.ofOwn() ? critic() : Optional.<RewardVersion>empty());
    }

    /** What of the job's own reward takes part now, where it has versions of its own. */
    private Optional<RewardVersion> critic() {
      Current now = ownRewards.current(ownVersion);
      ownNow = now;
      return now.version().equals(ownVersion) ? Optional.empty() : Optional.of(now.version());
    }

    private boolean isOfOwn(RewardVersion reward) {
      return reward.equals(ownVersion)
          || definitions.apply(reward).stream()
              .flatMap(definition -> definition.terms().stream())
              .anyMatch(term -> isOfOwn(term.reward()));
    }

    private Made make(RewardVersion wanted) {
      Failure before = failures.get(wanted);
      if (before != null && clock.instant().isBefore(before.until())) {
        throw before.fault();
      }
      try {
        RewardModel model =
            models.open(
                definitions
                    .apply(wanted)
                    .orElseThrow(() -> new RewardModelException("it was never added")));
        Made ready = new Made(model, isOfOwn(wanted));
        failures.remove(wanted);
        made.put(wanted, ready);
        closeTheOldest();
        return ready;
      } catch (RuntimeException | LinkageError e) {
        RewardModelException fault =
            new RewardModelException("it cannot be made here: " + Faults.describe(e), e);
        failures.put(wanted, new Failure(fault, clock.instant().plus(TRY_AGAIN)));
        log.error("reward {}: {}", wanted, Faults.describe(fault), e);
        throw fault;
      }
    }

    private void closeTheOldest() {
      if (made.size() > KEPT) {
        RewardVersion oldest = made.keySet().iterator().next();
        Made old = made.remove(oldest);
        if (old != null) {
          old.model().close();
        }
      }
    }

    @Override
    public void close() {
      made.values().forEach(old -> old.model().close());
      ownRewards.close();
    }
  }
}
