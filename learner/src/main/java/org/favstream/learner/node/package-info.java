/**
 * The learner as a node: in flow scored groups and leases, out flow weights, credits and lineage.
 *
 * <p>{@link org.favstream.learner.node.LearnerActor} is the shell: it asks {@link
 * org.favstream.learner.intake.Flow} what to do and has {@link
 * org.favstream.learner.node.LearnerSession} do it, one step or one publication at a time. Any
 * fault ends the session; the next one begins from the newest checkpoint, fences the one before,
 * and goes on at its offsets. So live and recovery are one path.
 *
 * <p>{@link org.favstream.learner.node.LineageLog} finds what made a version, and {@link
 * org.favstream.learner.node.Replay} makes versions again from the log.
 */
@NullMarked
package org.favstream.learner.node;

import org.jspecify.annotations.NullMarked;
