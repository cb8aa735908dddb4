// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.favstream.protocol.RewardDefinition;
import org.favstream.protocol.RewardVersion;
import org.favstream.reward.model.RewardModel;

/** Where a reward actor's rewards come from; closed with the actor. */
public interface RewardSource extends AutoCloseable {

  /**
   * The rewards of one worker, which closes them.
   *
   * @param definitions what the registry knows at the moment of the call
   */
  VersionedReward open(Function<RewardVersion, Optional<RewardDefinition>> definitions);

  /**
   * Waits until the rewards can be asked for without waiting.
   *
   * @param most for so long
   * @return whether they can; false too where the thread was interrupted, which it stays
   */
  default boolean await(Duration most) {
    return true;
  }

  @Override
  void close();

  /** One model, for ever. */
  static RewardSource fixed(RewardVersion version, Supplier<RewardModel> model) {
    return new RewardSource() {
      @Override
      public VersionedReward open(Function<RewardVersion, Optional<RewardDefinition>> definitions) {
        return VersionedReward.fixed(version, model.get());
      }

      @Override
      public void close() {}
    };
  }
}
