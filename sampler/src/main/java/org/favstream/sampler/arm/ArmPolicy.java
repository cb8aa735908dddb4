// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.arm;

/** What chooses the actions of arms. */
@FunctionalInterface
public interface ArmPolicy {

  /**
   * Actions for a batch of arms, of which each row belongs to one.
   *
   * @param observations {@code (copies, o)}, row-major, as of {@link ArmEnvironment}
   * @return {@code (copies, a)}, row-major, in {@code [-1, 1]}
   */
  float[] act(float[] observations);
}
