/**
 * What enters a learner step, and how much may be on its way: in flow scored groups and leases, out
 * flow batches and credits.
 *
 * <p>{@link org.favstream.learner.intake.Intake} dedupes, orders and bounds the lag; {@link
 * org.favstream.learner.intake.Pacing} holds that bound by credits, so that nothing accepted has to
 * be thrown away. Both are plain state machines: time is a parameter, and a seeded simulation
 * drives them through reorderings, deaths and returns.
 *
 * <p><b>Why the bound holds.</b> Let {@code G} groups make a version, however many steps take them,
 * and {@code L} be the largest lag. At the publication of version {@code u} the outstanding credits
 * (granted, not yet consumed) are topped up to {@code (L + 1) G}, and a sampler uses only credits
 * whose version it has applied. So at most {@code (L + 1) G} groups made by versions up to {@code
 * u} are left then, which is just what versions {@code u} to {@code u + L} consume. The oldest go
 * first; and a newer one goes before an older one that is still on its way only if the older ones
 * of every {@code u} still fit into what is left until {@code u + L} ({@link
 * org.favstream.learner.intake.Pacing#mayTake}). What may be on its way is known from grants, from
 * the order of a sampler's groups and from its leases. Where a live sampler keeps the learner
 * waiting beyond a deadline, the learner goes on, and refuses that group when it comes.
 */
@NullMarked
package org.favstream.learner.intake;

import org.jspecify.annotations.NullMarked;
