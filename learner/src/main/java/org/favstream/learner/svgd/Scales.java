// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.svgd;

import java.util.Collections;
import java.util.List;

/**
 * A kernel's bandwidths as its loops want them.
 *
 * <p>Per scale {@code t}: {@code falloff = 1/(σ_t ln 2)}, so that {@code exp(-D/σ_t) = 2^(-falloff
 * D)}; {@code excess}, by how much it falls off faster than the widest scale; {@code slope}, of the
 * kernel's gradient, relative to {@link #slope()} = 2/σ_0.
 */
final class Scales {
  private final float[] falloffs;
  private final float[] excesses;
  private final float[] relativeSlopes;
  private final float slope;
  private final int widest;

  Scales(List<Double> bandwidths) {
    falloffs = new float[bandwidths.size()];
    excesses = new float[bandwidths.size()];
    relativeSlopes = new float[bandwidths.size()];
    slope = (float) (2 / bandwidths.get(0));
    widest = bandwidths.indexOf(Collections.max(bandwidths));
    double least = falloff(bandwidths.get(widest));
    for (int t = 0; t < bandwidths.size(); t++) {
      double falloff = falloff(bandwidths.get(t));
      falloffs[t] = (float) falloff;
      excesses[t] = (float) (falloff - least);
      relativeSlopes[t] = (float) (bandwidths.get(0) / bandwidths.get(t));
    }
  }

  private static double falloff(double bandwidth) {
    return 1 / (bandwidth * StrictMath.log(2));
  }

  int count() {
    return falloffs.length;
  }

  float falloff(int scale) {
    return falloffs[scale];
  }

  float excess(int scale) {
    return excesses[scale];
  }

  float relativeSlope(int scale) {
    return relativeSlopes[scale];
  }

  float slope() {
    return slope;
  }

  /** The scale with the largest bandwidth. */
  int widest() {
    return widest;
  }
}
