/**
 * Data to pre-train generators on: in flow a seed and an index, out flows a batch of samples, with
 * contexts where the generator is conditional.
 */
@NullMarked
package org.favstream.sampler.dataset;

import org.jspecify.annotations.NullMarked;
