// SPDX-License-Identifier: Apache-2.0
/**
 * The control of a run over HTTP: in flow requests of JSON, out flow what {@link
 * org.favstream.reward.registry.RewardOperations} say to them, or problems (RFC 9457).
 *
 * <p>{@link org.favstream.infra.http.ControlServer} lets in whom it may and bounds what they send;
 * {@link org.favstream.infra.http.ControlApi} has the routes; {@link
 * org.favstream.infra.http.ControlClient} asks them.
 */
@NullMarked
package org.favstream.infra.http;

import org.jspecify.annotations.NullMarked;
