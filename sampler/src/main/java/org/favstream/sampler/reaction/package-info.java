/**
 * The reaction control task of <i>Learning by Doing</i> (NeurIPS 2021, track CHEM). In flow
 * contexts (an initial state, a target, rates) and controls (8 numbers, applied once, at the
 * start); out flow costs and their exact gradients.
 *
 * <p>{@link org.favstream.sampler.reaction.ReactionSimulator} is the door; {@link
 * org.favstream.sampler.reaction.ReactionContexts} draws contexts to train on and {@link
 * org.favstream.sampler.reaction.ReactionContextFile} reads those to evaluate on. Behind them,
 * {@code ReactionNetwork} holds the chemistry and its transposed Jacobian, {@code
 * ReactionIntegrator} steps forward and writes a {@code ReactionTape}, and {@code ReactionAdjoint}
 * walks the tape back. Nothing here knows of actors, topics or networks.
 *
 * <h2>Why this integrator</h2>
 *
 * <p>Evaluations of the rates of change per rollout that keep J within about 1e-3, over systems 2
 * to 12 and controls N(0, 2²), all with the steps limited by the known decay and cut where a
 * species gets to zero:
 *
 * <ul>
 *   <li>Bogacki-Shampine 3(2): 200 to 230;
 *   <li>SSPRK(4, 3) with its embedded second order: 220 to 280, though it is stable for twice the
 *       step and keeps species above zero by itself;
 *   <li>Dormand-Prince 5(4): 310 to 330, of far higher accuracy, which nothing here needs;
 *   <li>SSPRK(3, 2): 230, and still off by 3e-3.
 * </ul>
 *
 * <p>Without the limit by the decay, steps run into instability and now and then jump over a whole
 * transient (J off by 4e-2 at a tolerance of 1e-3). An implicit scheme would save at most the half
 * of the steps that stability limits, and pay a factorisation for each.
 *
 * <p>At {@link org.favstream.sampler.reaction.ReactionSimulator#JOB_TOLERANCE} over 6000 rollouts:
 * 70 steps each; J within 5e-4 at worst, 5e-6 at the median; the gradient within 4e-5 at the median
 * and 1.6e-3 at the 99th percentile. A rollout takes 10 µs, with its gradient 14 µs, on one core of
 * an EPYC of 2023 (JDK 17); 27 µs with controls N(0, 10²). At {@link
 * org.favstream.sampler.reaction.ReactionSimulator#FINE_TOLERANCE} J is within 1e-7, in 121 µs,
 * with the gradient 181 µs. So the adjoint costs half of a rollout. Working on reactions in place
 * of species where no control acts was measured too: a seventh faster, for a second copy of the
 * step.
 *
 * <h2>Intentional</h2>
 *
 * <ul>
 *   <li>Step lengths are held fixed in the gradient: it is that of the steps taken, and differs
 *       from that of the exact J by what the tolerance allows.
 *   <li>J has kinks: where a species just reaches zero as the push ends, and where the control or
 *       the deviation is zero. The gradient there is that of one side.
 *   <li>Only square roots and StrictMath decide steps and draws, so that a context and its cost are
 *       the same numbers on every JVM.
 * </ul>
 */
@NullMarked
package org.favstream.sampler.reaction;

import org.jspecify.annotations.NullMarked;
