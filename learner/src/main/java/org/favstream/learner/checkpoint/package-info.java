/**
 * The learner's state as one atomic unit: in flow weights, moments, counters, offsets, out flows a
 * verified file, and back. A broken one is named, and the one before it is used.
 */
@NullMarked
package org.favstream.learner.checkpoint;

import org.jspecify.annotations.NullMarked;
