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
  public void close() {
    own.close();
  }

  private record Failure(RuntimeException fault, Instant until) {}

  /** Of one worker. */
  private final class Shelf implements VersionedReward {
    private final Function<RewardVersion, Optional<RewardDefinition>> definitions;
    private final VersionedReward ownRewards;
    private final DefinedRewards models;
    private final Map<RewardVersion, RewardModel> made = new LinkedHashMap<>(8, 0.75f, true);
    private final Map<RewardVersion, Failure> failures = new HashMap<>();

    Shelf(Function<RewardVersion, Optional<RewardDefinition>> definitions) {
      this.definitions = definitions;
      this.ownRewards = own.open(definitions);
      this.models = new DefinedRewards(() -> this::ownEvaluate, definitions, files::fetch, device);
    }

    private RewardModel.Rewards ownEvaluate(RewardModel.Block block) {
      return ownRewards.current(ownVersion).model().evaluate(block);
    }

    @Override
    public Current current(RewardVersion wanted) {
      if (wanted.equals(ownVersion)) {
        return ownRewards.current(wanted); // a critic's scores carry its own versions
      }
      RewardModel model = made.get(wanted);
      return new Current(wanted, model == null ? make(wanted) : model);
    }

    private RewardModel make(RewardVersion wanted) {
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
        failures.remove(wanted);
        made.put(wanted, model);
        closeTheOldest();
        return model;
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
        RewardModel model = made.remove(oldest);
        if (model != null) {
          model.close();
        }
      }
    }

    @Override
    public void close() {
      made.values().forEach(RewardModel::close);
      ownRewards.close();
    }
  }
}
