/**
 * The arm tracking task of <i>Learning by Doing</i> (NeurIPS 2021, track ROBO): planar arms that
 * must follow a moving point. In flow actions, out flow observations and rewards; and in flow
 * targets and a policy, out flow its errors and scores.
 *
 * <p>{@link org.favstream.sampler.arm.ArmEnvironment} is the door: copies of one {@link
 * org.favstream.sampler.arm.ArmSystem}, each on a target that {@code ArmTargets} draws. {@link
 * org.favstream.sampler.arm.ArmTargetFile} reads the competition's targets, and {@link
 * org.favstream.sampler.arm.ArmEvaluation} lets an {@link org.favstream.sampler.arm.ArmPolicy}
 * follow them; {@link org.favstream.sampler.arm.ArmHeldOut} draws others to watch training on.
 * {@link org.favstream.sampler.arm.ArmDataset} makes offline data. Behind them, {@code ArmDynamics}
 * holds the equations of motion and steps through them. {@code ArmController} knows these
 * equations, and is there for offline data and checks: with a stiffness of 160 it scores 0.42 to
 * 0.69 on the competition's targets, where the oracle has 1. Nothing here knows of actors, topics
 * or networks.
 *
 * <h2>Intentional</h2>
 *
 * <ul>
 *   <li>Absolute angles inside, whatever a file has: one form of the equations for two and three
 *       links, in which gravity and inertia need few products.
 *   <li>Sines and cosines by {@link StrictMath}, once a control step; between, they are turned by
 *       series that are exact to rounding. So an episode is the same numbers on every JVM, and
 *       costs less than with the JVM's own functions at each of 40 evaluations.
 *   <li>An arm whose integration fails is put back, and the episode goes on: to end it would be a
 *       termination, and a state without a future is worth 0, which is more than any other.
 * </ul>
 */
@NullMarked
package org.favstream.sampler.arm;

import org.jspecify.annotations.NullMarked;
