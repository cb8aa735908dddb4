// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.context;

import org.favstream.protocol.Noise;

/** Draws contexts; the same draw gives the same contexts on every JVM. */
public interface ContextSource {

  /**
   * Contexts with their references.
   *
   * @param values {@code (count, contextSize)}, row-major
   * @param references {@code (count, references, d)}, row-major
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never shared
  record Contexts(float[] values, float[] references) {}

  /** How many numbers a context has. */
  int contextSize();

  /** How many reference samples each context brings; 0 for none. */
  int references();

  /**
   * Contexts.
   *
   * @param draw which draw
   * @param count how many
   */
  Contexts draw(Noise draw, int count);

  /** Of an unconditional job: contexts without a number in them. */
  static ContextSource none() {
    return new ContextSource() {
      @Override
      public int contextSize() {
        return 0;
      }

      @Override
      public int references() {
        return 0;
      }

      @Override
      public Contexts draw(Noise draw, int count) {
        return new Contexts(new float[0], new float[0]);
      }
    };
  }
}
