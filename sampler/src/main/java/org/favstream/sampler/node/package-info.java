/**
 * The sampler and the fleet as nodes. Into a sampler flow weights and credits, out of it
 * generations and leases; into a worker of the fleet flow weights, out of it transitions.
 *
 * <p>{@link org.favstream.sampler.node.SamplerActor} holds the versions and the credits; {@link
 * org.favstream.sampler.node.GroupMaker} makes groups and knows neither actors nor the log. {@link
 * org.favstream.sampler.node.FleetActor} is a shell around an {@link
 * org.favstream.sampler.fleet.EpisodeRunner}.
 */
@NullMarked
package org.favstream.sampler.node;

import org.jspecify.annotations.NullMarked;
