// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.fleet;

import ai.djl.Device;
import java.util.function.Supplier;
import org.favstream.actors.weights.PublishedWeights;
import org.favstream.sampler.generator.Generator;

/**
 * Which policy acts.
 *
 * @param generator from noise and an observation to an action before it is clipped
 * @param device where it computes
 * @param newest the newest verified weights; asked before each episode, on the worker's thread
 */
public record PolicySource(Generator generator, Device device, Supplier<PublishedWeights> newest) {}
