// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

import java.util.function.Supplier;
import org.favstream.protocol.RewardDefinition;
import org.favstream.reward.evaluation.GoldWatch;

/**
 * What an evaluator watches the rewards with.
 *
 * @param own the job's own reward
 * @param rewards whatever may be active
 * @param watch makes what measures, on the evaluator's own thread
 */
public record WatchJob(
    RewardDefinition own, Supplier<RewardSource> rewards, Supplier<GoldWatch> watch) {}
