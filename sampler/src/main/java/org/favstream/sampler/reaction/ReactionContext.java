// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.reaction;

import static org.favstream.sampler.reaction.ReactionSystem.RATES;
import static org.favstream.sampler.reaction.ReactionSystem.SPECIES;

import java.util.Arrays;

/**
 * What a control is chosen for: an initial state, a target, and the rates of the system.
 *
 * <p>Its numbers are held to float32 precision, so that the {@linkplain #toFeatures() features} say
 * all of it: a context and what {@link #fromFeatures} makes of its features are equal, and cost the
 * same.
 */
public final class ReactionContext {
  /** Numbers in the features. */
  public static final int FEATURES = SPECIES + 1 + RATES;

  final double[] rates;
  final double[] state;
  final double target;

  /**
   * Makes one, of the float32 numbers nearest to these.
   *
   * @param rates {@code k0..k9}, none below zero
   * @param state {@code Y, X1..X14} at time 0, none below zero
   * @param target the yield to hold
   * @throws ReactionContextException if there are too few or too many numbers, or one is unsound
   */
  public ReactionContext(double[] rates, double[] state, double target) {
    this.rates = sound("rate k", rates, RATES);
    this.state = sound("species ", state, SPECIES);
    this.target = (float) target;
    if (!Double.isFinite(this.target)) {
      throw new ReactionContextException("the target is " + target + ": expected a finite number");
    }
  }

  private static double[] sound(String what, double[] values, int length) {
    if (values.length != length) {
      throw new ReactionContextException(
          what + "0.. has " + values.length + " numbers: expected " + length);
    }
    double[] rounded = new double[length];
    for (int i = 0; i < length; i++) {
      rounded[i] = (float) values[i];
      if (!(rounded[i] >= 0 && rounded[i] < Double.POSITIVE_INFINITY)) {
        throw new ReactionContextException(
            what + i + " is " + values[i] + ": expected a finite number, not below 0");
      }
    }
    return rounded;
  }

  /**
   * The context of its features.
   *
   * @param features as {@link #toFeatures} makes them
   * @throws ReactionContextException if there are not 26 numbers, or one is unsound
   */
  public static ReactionContext fromFeatures(float[] features) {
    if (features.length != FEATURES) {
      throw new ReactionContextException(
          features.length + " features of a reaction context: expected " + FEATURES);
    }
    double[] values = new double[FEATURES];
    for (int i = 0; i < FEATURES; i++) {
      values[i] = features[i];
    }
    return new ReactionContext(
        Arrays.copyOfRange(values, SPECIES + 1, FEATURES),
        Arrays.copyOf(values, SPECIES),
        values[SPECIES]);
  }

  /** The 26 numbers {@code Y, X1..X14, target, k0..k9}, as they are. */
  public float[] toFeatures() {
    float[] features = new float[FEATURES];
    for (int i = 0; i < SPECIES; i++) {
      features[i] = (float) state[i];
    }
    features[SPECIES] = (float) target;
    for (int i = 0; i < RATES; i++) {
      features[SPECIES + 1 + i] = (float) rates[i];
    }
    return features;
  }

  /** Rates {@code k0..k9}, in 1/time; a copy. */
  public double[] rates() {
    return rates.clone();
  }

  /** {@code Y, X1..X14} at time 0; a copy. */
  public double[] state() {
    return state.clone();
  }

  /** The yield to hold. */
  public double target() {
    return target;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ReactionContext that && Arrays.equals(toFeatures(), that.toFeatures());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(toFeatures());
  }

  @Override
  public String toString() {
    return "ReactionContext[state=%s, target=%s, rates=%s]"
        .formatted(Arrays.toString(state), target, Arrays.toString(rates));
  }
}
