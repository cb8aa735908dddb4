// SPDX-License-Identifier: Apache-2.0

/**
 * What a process tells of itself to those who run it, for Prometheus: {@link
 * org.favstream.infra.metrics.RunMetrics} takes what its nodes say on the event stream. Each kind
 * of event has a class with its metrics, which are there once there was such an event: a node that
 * only scores has none of a learner.
 */
@NullMarked
package org.favstream.infra.metrics;

import org.jspecify.annotations.NullMarked;
