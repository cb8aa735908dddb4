/**
 * The sampler as a node: in flow weights and credits, out flow generations and leases.
 *
 * <p>{@link org.favstream.sampler.node.SamplerActor} holds the versions and the credits; {@link
 * org.favstream.sampler.node.GroupMaker} makes groups and knows neither actors nor the log.
 */
@NullMarked
package org.favstream.sampler.node;

import org.jspecify.annotations.NullMarked;
