// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.dataset;

import org.favstream.protocol.Noise;

/** A source of training data; the same draw gives the same batch on every JVM. */
public interface Dataset {

  /**
   * A batch.
   *
   * @param samples {@code (size, sampleSize)}, row-major
   * @param contexts {@code (size, contextSize)}, row-major; empty where there are none
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never shared
  record Batch(float[] samples, float[] contexts) {}

  /** How many numbers a sample has. */
  int sampleSize();

  /** How many numbers a context has; 0 for data without contexts. */
  int contextSize();

  /**
   * A batch of the data.
   *
   * @param draw which batch
   * @param size how many samples
   */
  Batch draw(Noise draw, int size);
}
