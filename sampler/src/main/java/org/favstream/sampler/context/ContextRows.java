// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.context;

/** Contexts as rows beside their particles. */
public final class ContextRows {
  private ContextRows() {}

  /**
   * Each row several times, one after the other.
   *
   * @param values {@code (rows, width)}, row-major
   * @param width numbers a row; 0 gives nothing
   * @param times how often
   * @return {@code (rows · times, width)}
   */
  public static float[] repeat(float[] values, int width, int times) {
    float[] repeated = new float[Math.multiplyExact(values.length, times)];
    for (int row = 0; row * width < repeated.length; row++) {
      System.arraycopy(values, row / times * width, repeated, row * width, width);
    }
    return repeated;
  }
}
