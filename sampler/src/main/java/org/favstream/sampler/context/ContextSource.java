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

  /** Whether contexts come by the log instead of being drawn here. */
  default boolean isFed() {
    return false;
  }

  /** How many reference samples each context brings; 0 for none. */
  int references();

  /**
   * Contexts.
   *
   * @param draw which draw
   * @param count how many
   */
  Contexts draw(Noise draw, int count);

  /**
   * Of a policy's job: states come by the log, and nothing is drawn here.
   *
   * @param contextSize numbers an observation
   * @param references actions that each state brings
   */
  static ContextSource fed(int contextSize, int references) {
    return new ContextSource() {
      @Override
      public int contextSize() {
        return contextSize;
      }

      @Override
      public boolean isFed() {
        return true;
      }

      @Override
      public int references() {
        return references;
      }

      @Override
      public Contexts draw(Noise draw, int count) {
        throw new IllegalStateException("states come by the log, none is drawn");
      }
    };
  }

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
