// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import java.util.Optional;
import org.favstream.protocol.RewardVersion;
import org.favstream.reward.model.RewardModel;

/** The rewards that one worker scores with. Confined to one thread at a time. */
public interface VersionedReward extends AutoCloseable {

  /**
   * What a group is scored with.
   *
   * @param version what its scores carry
   * @param critic the version of the critic that is a part of it, where one is: its scores carry it
   *     too
   */
  record Current(RewardVersion version, RewardModel model, Optional<RewardVersion> critic) {}

  /**
   * A reward, ready to score; takes up a newer model where it has versions of its own (a critic).
   *
   * @throws RuntimeException where there is no such reward, or it cannot be made; the message says
   *     why
   */
  Current current(RewardVersion wanted);

  @Override
  void close();

  /** One model, whatever is wanted. */
  static VersionedReward fixed(RewardVersion version, RewardModel model) {
    Current only = new Current(version, model, Optional.empty());
    return new VersionedReward() {
      @Override
      public Current current(RewardVersion wanted) {
        return only;
      }

      @Override
      public void close() {
        model.close();
      }
    };
  }
}
