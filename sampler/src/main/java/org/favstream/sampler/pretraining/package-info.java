/**
 * Pre-training: in flow a data set and a generator's settings, out flow weights good enough to be
 * aligned. One objective a family; the loop is common.
 */
@NullMarked
package org.favstream.sampler.pretraining;

import org.jspecify.annotations.NullMarked;
