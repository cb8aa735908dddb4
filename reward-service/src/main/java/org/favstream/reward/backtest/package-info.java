/**
 * What a candidate would change: in flow blocks of particles with the rewards of the active model
 * and of a candidate, out flow figures of how they differ, and a gate's verdict on them.
 *
 * <p>Pure: who reads the blocks from the log, and what is done with a verdict, is another's affair.
 *
 * <p>Decided on purpose:
 *
 * <ul>
 *   <li>Ranks and gradients, not values: a tilt by {@code exp(β r)} with the gradient of {@code r}
 *       does not change when a constant is added, and its strength is another setting. So shift and
 *       scale are figures of their own.
 *   <li>A gradient that is gone where the active one is not counts as cosine 0. Left out, a
 *       candidate that is flat nearly everywhere would be judged by the rest.
 *   <li>A particle for which the candidate gives a number that is not finite is left out of all
 *       other figures, and counted: a gate can bound its share.
 *   <li>A figure that cannot be had is NaN and passes no condition, whatever the operator.
 * </ul>
 */
@NullMarked
package org.favstream.reward.backtest;

import org.jspecify.annotations.NullMarked;
