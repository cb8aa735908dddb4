// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import java.util.function.Supplier;
import org.favstream.protocol.RewardDefinition;

/**
 * The rewards of a run, for a node that scores with them.
 *
 * @param own the job's own: the active one until another is activated
 * @param rewards makes what scores with whatever may be active
 */
public record RewardJob(RewardDefinition own, Supplier<RewardSource> rewards) {}
