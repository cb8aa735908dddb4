/**
 * One learner step: in flow scored groups and references, out flow stepped weights and what is
 * known about the step.
 *
 * <p>{@link org.favstream.learner.regression.FixedPointRegression} replays the noise through the
 * current weights, takes the Stein velocity there ({@link org.favstream.learner.svgd}), and
 * regresses the generator onto where the velocity carries its particles (FAV, arXiv 2605.26552).
 */
@NullMarked
package org.favstream.learner.regression;

import org.jspecify.annotations.NullMarked;
