/**
 * Reward models: in flow particles with their contexts, out flow rewards and the reward's gradient
 * in each particle, a whole group at once.
 *
 * <p>A reward that is written with tensors gets its gradient by autograd; a black box by antithetic
 * NES, also one that runs elsewhere, behind HTTP; a simulator that knows its own gradient brings it
 * along; a TorchScript module brings the tensors' code. Several models make one: an ensemble of one
 * reward, or a weighted sum of several. {@code BuiltinRewards} makes those that come along, by
 * configuration.
 */
@NullMarked
package org.favstream.reward.model;

import org.jspecify.annotations.NullMarked;
