/**
 * The all-in-one local run: in flows a job, out flow a report, metrics, a picture and weights.
 *
 * <p>{@link org.favstream.infra.run.LocalRun} starts the broker and {@link
 * org.favstream.infra.run.RunActor}, which makes the nodes by the same factories as separate nodes
 * use, and ends them in order.
 *
 * <p>{@link org.favstream.infra.run.ComparedRuns} runs two of them beside each other. {@link
 * org.favstream.infra.run.RecordedRun} opens the log of one that goes on or is over, for {@link
 * org.favstream.infra.run.VersionLineage} and {@link org.favstream.infra.run.RunReplay}.
 */
@NullMarked
package org.favstream.infra.run;

import org.jspecify.annotations.NullMarked;
