/**
 * Environments in another process: in flow actions, out flow observations and rewards, over TCP.
 *
 * <p>{@link org.favstream.sampler.environment.remote.RemoteEnvironment} is the policy's end, {@link
 * org.favstream.sampler.environment.remote.EnvironmentServer} the environment's, in Java; {@code
 * infra/docs/environment-protocol.md} says what goes between them, for servers in other languages.
 * {@link org.favstream.sampler.environment.remote.SpawnedEnvironment} also starts the server, and
 * ends it. Each call is bounded by a deadline, and a connection on which anything went wrong is
 * closed: a late answer is never taken for that to another question. {@link
 * org.favstream.sampler.environment.EnvironmentSession} then opens another one.
 *
 * <p>There is no encryption and nobody says who he is: servers listen on loopback, and what goes
 * between machines goes through a tunnel.
 */
@NullMarked
package org.favstream.sampler.environment.remote;

import org.jspecify.annotations.NullMarked;
