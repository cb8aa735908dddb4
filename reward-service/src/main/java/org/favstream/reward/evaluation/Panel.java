// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.evaluation;

import java.util.Arrays;
import java.util.List;

/**
 * One panel of a picture.
 *
 * @param title above it
 * @param across name of the horizontal axis
 * @param up name of the vertical axis
 * @param series in it, drawn in this order
 */
public record Panel(String title, String across, String up, List<Series> series) {
  public Panel {
    series = List.copyOf(series);
  }

  /**
   * Points or a line.
   *
   * @param label in the legend; empty for none
   * @param line whether the points are joined
   * @param x of each point
   * @param y of each point
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never shared
  public record Series(String label, boolean line, double[] x, double[] y) {

    /** A line through numbers, the least first. */
    static Series sorted(String label, double[] numbers) {
      double[] y = numbers.clone();
      Arrays.sort(y);
      double[] x = new double[y.length];
      Arrays.setAll(x, i -> i);
      return new Series(label, true, x, y);
    }
  }
}
