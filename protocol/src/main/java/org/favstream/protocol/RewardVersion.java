// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

/**
 * Which reward made a score.
 *
 * @param name the reward's name
 * @param version its version, from 1
 */
public record RewardVersion(String name, long version) {
  public RewardVersion {
    Fields.notBlank("reward.name", name);
    Fields.notNegative("reward.version", version);
  }

  @Override
  public String toString() {
    return name + "@" + version;
  }
}
