/**
 * A critic as the reward of a robot's policy: in flow transitions and the policy's weights, out
 * flow the critics' weights, and with them rewards and gradients of actions.
 *
 * <ul>
 *   <li>{@link org.favstream.reward.critic.TwinCritic}: two values {@code Q(s, a)} as a function of
 *       one flat parameter vector.
 *   <li>{@link org.favstream.reward.critic.ReplayBuffer}: what was lived through, weighted.
 *   <li>{@link org.favstream.reward.critic.CriticTrainer}: one update of the critics from a batch.
 *   <li>{@link org.favstream.reward.critic.CriticReward}: the critics as a reward model; {@code ∇r
 *       = ∇_a} of the mean of both.
 * </ul>
 *
 * <p>Nothing here knows an actor or a topic. All randomness is a draw's key and counter, so an
 * update is a function of the trainer's state, the buffer and the policy's weights.
 */
@NullMarked
package org.favstream.reward.critic;

import org.jspecify.annotations.NullMarked;
