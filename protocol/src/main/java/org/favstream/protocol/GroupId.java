// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

/**
 * The name of a group, unique for ever.
 *
 * @param sampler the sampler's id
 * @param incarnation which start of that sampler
 * @param counter how many groups this incarnation made before
 */
public record GroupId(String sampler, long incarnation, long counter) {
  public GroupId {
    Fields.notBlank("group.sampler", sampler);
    Fields.notNegative("group.incarnation", incarnation);
    Fields.notNegative("group.counter", counter);
  }

  /** The key of the group's records: order is kept, and duplicates are found, within a key. */
  public String key() {
    return sampler + "#" + incarnation;
  }

  @Override
  public String toString() {
    return key() + "/" + counter;
  }
}
