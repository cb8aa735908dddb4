/**
 * What a conditional generator is asked for: in flows a draw, out flow contexts, with reference
 * samples where a context brings its own.
 */
@NullMarked
package org.favstream.sampler.context;

import org.jspecify.annotations.NullMarked;
