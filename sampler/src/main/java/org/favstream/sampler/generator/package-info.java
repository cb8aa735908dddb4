/**
 * Few-step generators {@code x = G(z, c; θ)}: in flow noise and contexts, out flow samples.
 *
 * <p>A {@link org.favstream.sampler.generator.Generator} is a pure function of a flat parameter
 * vector, so that the sampler, the learner and the evaluator run the very same code. A module of
 * the user's own keeps its parameters as state: each of them has one for itself, and writes the
 * vector into it. {@link org.favstream.sampler.generator.LoadedGenerator} holds one with verified
 * weights on a device.
 */
@NullMarked
package org.favstream.sampler.generator;

import org.jspecify.annotations.NullMarked;
