// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.reaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ReactionFeaturesTest {
  private static final double[] RATES = {.2, .1, .4, 0, .2, .2, .2, .2, .2, .05};
  // Y, then X1..X14.
  private static final double[] STATE = {
    .5, .1, .3, .6, .2, .25, .75, .9, .8, .7, .05, .15, .35, .45, .55
  };

  private static float[] features(double[] state, double target) {
    return ReactionFeatures.of(new ReactionContext(RATES, state, target));
  }

  @Test
  void shouldBeginWithTheNumbersThatSayAllOfTheContext() {
    for (int n = 0; n < 24; n++) {
      ReactionContext context = ReactionCases.context(n);
      float[] features = ReactionFeatures.of(context);
      assertThat(features).hasSize(ReactionFeatures.SIZE).hasSize(63);
      assertThat(ReactionContext.fromFeatures(Arrays.copyOf(features, 26))).isEqualTo(context);
    }
  }

  @Test
  void shouldHaveWhatChemistrySuggestsInItsPlace() {
    float[] features = features(STATE, 0.8);
    int species = 26;
    for (int i = 0; i < 15; i++) {
      assertThat((double) features[species + i]).isCloseTo(3 * STATE[i] - 1, within(1e-6));
    }
    double[] limiting = {.1, .2, .25, .8};
    double[] left = {-.2, .4, -.5, .1};
    int pairs = species + 15;
    for (int pair = 0; pair < 4; pair++) {
      assertThat((double) features[pairs + 2 * pair])
          .isCloseTo(4 * limiting[pair] - 0.5, within(1e-6));
      assertThat((double) features[pairs + 2 * pair + 1]).isCloseTo(2 * left[pair], within(1e-6));
    }
    int balance = pairs + 8;
    double supply = .5 + .05 + .15 + .2 + .25; // Y, X10, X11, and the pairs that make them
    double consumers = .7 + .35 + .1 + .8; // X9, X12, and the pairs that make them
    assertThat((double) features[balance]).isCloseTo(supply - consumers, within(1e-6));
    assertThat((double) features[balance + 1]).isCloseTo(-0.2, within(1e-6));
    assertThat((double) features[balance + 2]).isCloseTo(0.5 + 0.5 * Math.log(.81), within(1e-6));
    assertThat((double) features[balance + 3]).isCloseTo(0.8, within(1e-6)); // below zero is none
    for (int i = 0; i < 10; i++) {
      assertThat((double) features[balance + 4 + i])
          .isCloseTo(Math.log(Math.max(RATES[i], 1e-4) / 0.2), within(1e-6));
    }
    assertThat(balance + 4 + 10).isEqualTo(ReactionFeatures.SIZE);
  }

  @Test
  void shouldMeasureTheTargetFromTheBalanceWhenThereIsMoreSupply() {
    double[] state = new double[15];
    state[0] = 1;
    state[9] = 0.25;
    float[] features = features(state, 0.5);
    int balance = 26 + 15 + 8;
    assertThat((double) features[balance]).isCloseTo(0.75, within(1e-6));
    assertThat((double) features[balance + 3]).isCloseTo(-0.25, within(1e-6));
  }

  @Test
  void shouldStayFiniteAndSmallWhenAContextIsAtItsEdge() {
    double[] full = new double[15];
    Arrays.fill(full, 1);
    for (double[] state : new double[][] {new double[15], full}) {
      for (double target : new double[] {-1, 0, 2.5}) {
        float[] features = features(state, target);
        for (float feature : features) {
          assertThat(Math.abs(feature)).isLessThan(10);
        }
      }
    }
  }
}
