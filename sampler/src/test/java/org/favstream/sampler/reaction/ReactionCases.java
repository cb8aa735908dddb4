// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.reaction;

import java.util.function.IntFunction;
import org.favstream.sampler.noise.SplitMix;

/** Contexts and controls that the tests share, all seeded. */
final class ReactionCases {
  private static final ReactionContexts CONTEXTS = new ReactionContexts(20, ReactionSystem.all());

  private ReactionCases() {}

  /** A context of system {@code n mod 12 + 1}. */
  static ReactionContext context(int n) {
    return CONTEXTS.draw(n);
  }

  /** A control of normals, cut at the limit. */
  static double[] normalControl(int n, double deviation) {
    SplitMix random = new SplitMix(21, n);
    return control(i -> Math.max(-10, Math.min(10, deviation * random.normal())));
  }

  /** A corner of the box of controls: bit {@code i} of {@code n} chooses the sign. */
  static double[] corner(int n) {
    return control(i -> ((n >> i) & 1) == 0 ? -10.0 : 10.0);
  }

  /** Small, usual, large controls and corners in turn. */
  static double[] mixedControl(int n) {
    return switch (n % 4) {
      case 0 -> normalControl(n, 0.5);
      case 1 -> normalControl(n, 2);
      case 2 -> normalControl(n, 6);
      default -> corner(n * 37);
    };
  }

  private static double[] control(IntFunction<Double> number) {
    double[] u = new double[ReactionSystem.CONTROLS];
    for (int i = 0; i < u.length; i++) {
      u[i] = number.apply(i);
    }
    return u;
  }
}
