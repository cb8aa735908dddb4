/**
 * Environments that a policy acts in: in flow actions, out flow observations and rewards.
 *
 * <p>An {@link org.favstream.sampler.environment.Environment} is a batch of independent copies of
 * one robot's world. It knows nothing of policies, topics or actors. What was lived through is kept
 * as a {@link org.favstream.sampler.environment.TransitionSet}. One that crashes is opened again in
 * an {@link org.favstream.sampler.environment.EnvironmentSession}; package {@code remote} has those
 * in other processes.
 */
@NullMarked
package org.favstream.sampler.environment;

import org.jspecify.annotations.NullMarked;
