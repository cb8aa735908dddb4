// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.arm;

import java.util.Optional;

/**
 * A target to be evaluated on.
 *
 * @param name what messages and reports call it
 * @param system the arm that is to follow it
 * @param target where it goes
 * @param baselines what its score is measured against, where they are known
 */
public record ArmInstance(
    String name, ArmSystem system, ArmTarget target, Optional<ArmBaselines> baselines) {}
