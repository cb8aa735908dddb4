// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import org.favstream.protocol.RewardVersion;
import org.favstream.reward.model.RewardModel;

/** A reward model together with what its scores carry. Confined to one thread at a time. */
public interface VersionedReward extends AutoCloseable {

  /**
   * What a group is scored with.
   *
   * @param version what its scores carry
   */
  record Current(RewardVersion version, RewardModel model) {}

  /** What the next group is scored with; takes up a newer model where there is one. */
  Current current();

  @Override
  void close();

  /** One that stays as it is. */
  static VersionedReward fixed(RewardVersion version, RewardModel model) {
    Current only = new Current(version, model);
    return new VersionedReward() {
      @Override
      public Current current() {
        return only;
      }

      @Override
      public void close() {
        model.close();
      }
    };
  }
}
