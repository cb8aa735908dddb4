// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.registry;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import org.favstream.protocol.RegistryEvent;
import org.favstream.protocol.RewardDefinition;
import org.favstream.protocol.RewardVersion;

/**
 * What people do with the rewards of a run that goes on. Called by several threads; each call ends
 * within bounded time. Rewards are named {@code name@version}, or by a name for its newest version.
 */
public interface RewardOperations {

  /**
   * It was done: the event stands on the log, and counts.
   *
   * @param offset of the event on the topic reward-registry
   * @param checkedOn on what the reward's model was tried before; empty where it was not
   */
  record Done(RegistryEvent event, long offset, String checkedOn) {}

  /**
   * A backtest that is asked for.
   *
   * @param last how many of the last logged particles it takes at least; whole groups are taken
   * @param against the reward to compare with; empty for the active one
   * @param gate what is asked of it; empty for nothing
   */
  record BacktestRequest(long last, Optional<String> against, String gate) {}

  /**
   * A backtest that was begun.
   *
   * @param id names it, for as long as this node runs
   * @param groups how many it takes
   * @param groupsDone how many are done
   * @param done its outcome, once it has one
   * @param failure why it has none; empty where it has not failed
   */
  record Backtesting(
      String id,
      RewardVersion reward,
      RewardVersion against,
      long groups,
      long groupsDone,
      Optional<Done> done,
      Optional<RefusedException> failure) {

    /** Whether it goes on. */
    public boolean isRunning() {
      return done.isEmpty() && failure.isEmpty();
    }
  }

  /**
   * An activation that is asked for.
   *
   * @param requireBacktest whether the reward must have been backtested
   * @param blendMillis over how long it comes in
   * @param reason for people; may be empty
   */
  record ActivationRequest(boolean requireBacktest, long blendMillis, String reason) {}

  /** The run's id. */
  String run();

  /** What the log says now. */
  Registry registry() throws RefusedException;

  /** Adds a reward, which becomes a candidate; its model is tried before. */
  Done add(NewReward asked, String by) throws RefusedException;

  /**
   * Takes a reward's file.
   *
   * @param sha256 which it must have, in lower-case hex
   * @throws IOException where the content cannot be read, or not be kept
   */
  RewardDefinition.Artifact put(InputStream content, String sha256)
      throws RefusedException, IOException;

  /** Begins a backtest. */
  Backtesting backtest(String reward, BacktestRequest asked, String by) throws RefusedException;

  /** How a backtest of this node goes. */
  Backtesting backtesting(String id) throws RefusedException;

  /**
   * Lets a reward score a share of the live groups, without influence.
   *
   * @param share 0 ends it
   */
  Done shadow(String reward, double share, String by) throws RefusedException;

  /** What this node has seen of the rewards in shadow, as JSON. */
  Map<RewardVersion, String> shadowResults();

  /** Makes a reward the active one; its model is tried before. */
  Done activate(String reward, ActivationRequest asked, String by) throws RefusedException;

  /** Makes the reward before the active one again; its model is tried before. */
  Done rollback(String reason, String by) throws RefusedException;
}
