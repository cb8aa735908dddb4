// SPDX-License-Identifier: Apache-2.0
/**
 * Other ways to improve a policy, for comparison with the same networks, critics and data: in flow
 * batches, out flow the policy's weights. A {@link org.favstream.reward.baseline.Baseline} says
 * which action is to be imitated at each state and how much it counts, and {@link
 * org.favstream.reward.baseline.ActionRegression} imitates. No run of favstream itself uses them.
 */
@NullMarked
package org.favstream.reward.baseline;

import org.jspecify.annotations.NullMarked;
