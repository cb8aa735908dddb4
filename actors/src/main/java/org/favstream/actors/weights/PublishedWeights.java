// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.weights;

/**
 * Weights as they stand on the log.
 *
 * @param version publication number, never used twice in the life of a run
 * @param epoch which life of the learner published them
 * @param step learner steps behind them
 * @param publishedAtMillis when, in ms since the epoch
 */
public record PublishedWeights(
    long version, long epoch, long step, Weights weights, long publishedAtMillis) {}
