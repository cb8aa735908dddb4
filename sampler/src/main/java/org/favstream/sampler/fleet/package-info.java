/**
 * A worker of the fleet: in flow observations and weights, out flow actions, and what was lived
 * through with them.
 *
 * <p>{@link org.favstream.sampler.fleet.EpisodeRunner} drives the copies of one environment, step
 * by step. What keeps a robot safe is here, and each rule in one place:
 *
 * <ul>
 *   <li>weights change between episodes only ({@link org.favstream.sampler.fleet.Policies})
 *   <li>an action is within its bounds or the arm stands still ({@link
 *       org.favstream.sampler.fleet.Episode})
 *   <li>inference that is late is not waited for, and what it gives is dropped ({@link
 *       org.favstream.sampler.fleet.Inference})
 * </ul>
 *
 * <p>Time is a parameter ({@link org.favstream.sampler.fleet.ControlClock}); nothing here knows
 * actors or the log.
 */
@NullMarked
package org.favstream.sampler.fleet;

import org.jspecify.annotations.NullMarked;
