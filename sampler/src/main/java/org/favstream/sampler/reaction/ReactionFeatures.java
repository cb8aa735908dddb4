// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.reaction;

import static org.favstream.sampler.reaction.ReactionSystem.RATES;
import static org.favstream.sampler.reaction.ReactionSystem.SPECIES;

/**
 * A reaction context as a network sees it: the 26 numbers that say all of it ({@link
 * ReactionContext#toFeatures}), then what chemistry suggests and a network would have to find out,
 * all of a size near 1.
 *
 * <p>Derived are: every species; the limiting reagent of each of the four pairs, {@code min(X1,
 * X2)} to {@code min(X7, X8)}, and what is left of the other; how much yield the mixture can still
 * make against what it will consume (Y, X10, X11 and the pairs that make them, against X9, X12 and
 * theirs); the target, its logarithm and its distance from that balance; the logarithms of the
 * rates.
 */
public final class ReactionFeatures {
  private static final int PAIRS = 4;

  /** How many numbers there are. */
  public static final int SIZE = ReactionContext.FEATURES + SPECIES + 2 * PAIRS + 4 + RATES;

  private static final double RATE_UNIT = 0.2;
  private static final double LEAST_TARGET = 0.01;

  private ReactionFeatures() {}

  /** The features of a context; its first 26 are {@link ReactionContext#toFeatures}. */
  public static float[] of(ReactionContext context) {
    float[] features = new float[SIZE];
    float[] all = context.toFeatures();
    System.arraycopy(all, 0, features, 0, all.length);
    int next = all.length;
    double[] x = context.state;
    for (double species : x) {
      features[next++] = (float) (3 * (species - 1.0 / 3));
    }
    double[] limiting = new double[PAIRS];
    for (int pair = 0; pair < PAIRS; pair++) {
      double one = x[1 + 2 * pair];
      double other = x[2 + 2 * pair];
      limiting[pair] = Math.min(one, other);
      features[next++] = (float) (4 * limiting[pair] - 0.5);
      features[next++] = (float) (2 * (one - other));
    }
    double supply = x[0] + x[10] + x[11] + limiting[1] + limiting[2];
    double consumers = x[9] + x[12] + limiting[0] + limiting[3];
    features[next++] = (float) (supply - consumers);
    features[next++] = (float) (context.target - 1);
    features[next++] =
        (float) (0.5 * (1 + StrictMath.log(Math.max(context.target, 0) + LEAST_TARGET)));
    features[next++] = (float) (context.target - Math.max(0, supply - consumers));
    for (double rate : context.rates) {
      features[next++] = (float) StrictMath.log(Math.max(rate, 1e-4) / RATE_UNIT);
    }
    return features;
  }
}
