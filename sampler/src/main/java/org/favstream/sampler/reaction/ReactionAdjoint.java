// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.reaction;

import static org.favstream.sampler.reaction.ReactionNetwork.PUSHED;
import static org.favstream.sampler.reaction.ReactionSystem.SPECIES;
import static org.favstream.sampler.reaction.ReactionTape.STRIDE;

import java.util.Arrays;

/**
 * Walks a {@link ReactionTape} backward: the exact derivatives of the steps that were taken, their
 * lengths held fixed.
 *
 * <p>What zero did is differentiated as it acted. A species that stood still passes nothing on. One
 * that was raised to zero passes nothing on from before that: where a species lands on zero, the
 * only jump in the derivatives is that its own is lost, whenever it lands, for no other rate of
 * change jumps with it.
 */
final class ReactionAdjoint {
  private final double[] byState = new double[SPECIES];
  private final double[] byChange = new double[SPECIES];
  private final double[] stage1 = new double[SPECIES];
  private final double[] stage2 = new double[SPECIES];
  private final double[] stage3 = new double[SPECIES];
  private final double[] byPush = new double[PUSHED];

  /**
   * Derivatives of the integral of {@code (Y - target)²} over the scored steps.
   *
   * @param rates rates {@code k0..k9} of the rollout
   * @param firstFree the first step after the push
   * @param firstScored the first step of the integral, at or after {@code firstFree}
   * @return derivatives by the push on X1..X8; valid until the next call
   */
  double[] walkBack(
      ReactionTape tape, double[] rates, int firstFree, int firstScored, double target) {
    Arrays.fill(byState, 0);
    Arrays.fill(byPush, 0);
    double[] x = tape.states;
    for (int n = tape.steps - 1; n >= 0; n--) {
      double h = tape.lengths[n];
      int first = n * STRIDE;
      int second = first + SPECIES;
      int third = second + SPECIES;
      dropRaised(tape.raised[n]);
      double scored = n >= firstScored ? 2 * h : 0;
      boolean pushed = n < firstFree;
      int still = tape.still[n];

      double b = h * 4 / 9;
      for (int i = 0; i < SPECIES; i++) {
        byChange[i] = b * byState[i];
      }
      if (pushed) {
        collectPush(still >> (2 * PUSHED));
      }
      ReactionNetwork.pullBack(rates, x, third, byChange, stage3);
      stage3[0] += scored * (4.0 / 9) * (x[third] - target);

      b = h / 3;
      double a = 0.75 * h;
      for (int i = 0; i < SPECIES; i++) {
        byChange[i] = b * byState[i] + a * stage3[i];
      }
      if (pushed) {
        collectPush(still >> PUSHED);
      }
      ReactionNetwork.pullBack(rates, x, second, byChange, stage2);
      stage2[0] += scored * (1.0 / 3) * (x[second] - target);

      b = h * 2 / 9;
      a = 0.5 * h;
      for (int i = 0; i < SPECIES; i++) {
        byChange[i] = b * byState[i] + a * stage2[i];
      }
      if (pushed) {
        collectPush(still);
      }
      ReactionNetwork.pullBack(rates, x, first, byChange, stage1);
      stage1[0] += scored * (2.0 / 9) * (x[first] - target);

      for (int i = 0; i < SPECIES; i++) {
        byState[i] += stage1[i] + stage2[i] + stage3[i];
      }
    }
    return byPush;
  }

  private void dropRaised(int raised) {
    for (int bits = raised; bits != 0; bits &= bits - 1) {
      byState[Integer.numberOfTrailingZeros(bits)] = 0;
    }
  }

  /** Drops what stood still, and adds the rest to the derivatives by the push. */
  private void collectPush(int still) {
    for (int i = 0; i < PUSHED; i++) {
      if (((still >> i) & 1) != 0) {
        byChange[1 + i] = 0;
      }
      byPush[i] += byChange[1 + i];
    }
  }
}
