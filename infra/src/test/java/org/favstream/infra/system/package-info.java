// SPDX-License-Identifier: Apache-2.0
/** The system against a real broker: nodes as they run, and what stands on the log afterwards. */
@NullMarked
package org.favstream.infra.system;

import org.jspecify.annotations.NullMarked;
