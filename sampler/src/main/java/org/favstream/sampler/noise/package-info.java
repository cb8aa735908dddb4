/**
 * Noise that is the same on every JVM. Counter-based noise: in flow a key and a counter, out flow
 * the same standard normals on every JVM. The log carries the two numbers in place of the noise,
 * and the learner makes it again. {@link org.favstream.sampler.noise.SplitMix} is for draws that no
 * log carries.
 */
@NullMarked
package org.favstream.sampler.noise;

import org.jspecify.annotations.NullMarked;
