// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import java.util.function.Supplier;
import org.favstream.protocol.RewardVersion;
import org.favstream.reward.model.RewardModel;

/** Where a reward actor's rewards come from; closed with the actor. */
public interface RewardSource extends AutoCloseable {

  /** A reward for one worker, which closes it. */
  VersionedReward open();

  @Override
  void close();

  /** One model, for ever. */
  static RewardSource fixed(RewardVersion version, Supplier<RewardModel> model) {
    return new RewardSource() {
      @Override
      public VersionedReward open() {
        return VersionedReward.fixed(version, model.get());
      }

      @Override
      public void close() {}
    };
  }
}
