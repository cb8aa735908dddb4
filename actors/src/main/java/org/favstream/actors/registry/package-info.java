// SPDX-License-Identifier: Apache-2.0
/**
 * In flow the events of the topic reward-registry; out comes which reward a group gets, as every
 * node of the run must see it alike: a function of where the group stands on the log.
 */
@NullMarked
package org.favstream.actors.registry;

import org.jspecify.annotations.NullMarked;
