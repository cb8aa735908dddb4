// SPDX-License-Identifier: Apache-2.0
/**
 * The rewards of a run: in flow the events of the topic reward-registry, in the log's order, and
 * what people ask for; out come the rewards there are, which one is active, and the event that does
 * what was asked, or why it is refused.
 *
 * <p>An operation returns its event, and only an event that stands on the log changes anything:
 * whoever reads the same log sees the same, and of two that act at once the log decides.
 */
@NullMarked
package org.favstream.reward.registry;

import org.jspecify.annotations.NullMarked;
