// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.node;

/**
 * What reward actors tell whoever watches, on the system's event stream: a record could not be
 * scored.
 *
 * @param reason for people
 */
public record RewardEvent(String reason) {}
