// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.favstream.protocol.RewardVersion;
import org.favstream.reward.backtest.Backtest;
import org.favstream.reward.model.RewardModel;

/**
 * How a reward in shadow compares with the active one: over the last groups, so many that memory
 * and time are bounded. Where another reward becomes active it begins anew.
 */
final class ShadowFigures {

  /** Particles that are looked back on. */
  static final int WINDOW = 50_000;

  private record Compared(
      RewardModel.Block block, RewardModel.Rewards active, RewardModel.Rewards shadow) {}

  private final Deque<Compared> window = new ArrayDeque<>();
  private long activation = -1;
  private RewardVersion against;
  private int particles;
  private long scored;
  private long skipped;
  private long failed;
  private Optional<String> firstFault = Optional.empty();

  /** Of a reward that is compared with this one. */
  ShadowFigures(RewardVersion against) {
    this.against = against;
  }

  /**
   * One more group; dropped where it was scored by a reward before the newest.
   *
   * @param number of the activation that it was scored under
   * @param active the reward that it was scored by
   */
  synchronized void add(
      long number,
      RewardVersion active,
      RewardModel.Block block,
      RewardModel.Rewards activeRewards,
      RewardModel.Rewards shadowRewards) {
    if (number < activation) {
      return;
    }
    if (number > activation) {
      window.clear();
      particles = 0;
    }
    activation = number;
    against = active;
    scored++;
    window.add(new Compared(block, activeRewards, shadowRewards));
    particles += block.rows();
    while (particles > WINDOW && window.size() > 1) {
      particles -= window.removeFirst().block().rows();
    }
  }

  /** So many groups were passed over, to keep up. */
  synchronized void skip(long groups) {
    skipped += groups;
  }

  /** A group could not be scored. */
  synchronized void fail(String fault) {
    failed++;
    firstFault = firstFault.or(() -> Optional.of(fault));
  }

  /** All of it, as JSON. */
  synchronized ObjectNode toJson() {
    Backtest figures = new Backtest();
    for (Compared compared : window) {
      figures.add(compared.block(), compared.active(), compared.shadow());
    }
    ObjectNode json = figures.result().toJson();
    json.put("against", against.toString())
        .put("scored", scored)
        .put("skipped", skipped)
        .put("failed", failed);
    firstFault.ifPresent(fault -> json.put("firstFault", fault));
    return json;
  }
}
