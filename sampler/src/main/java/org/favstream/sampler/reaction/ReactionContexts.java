// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.reaction;

import static org.favstream.sampler.reaction.ReactionSystem.CONTROLS;
import static org.favstream.sampler.reaction.ReactionSystem.CONTROL_LIMIT;
import static org.favstream.sampler.reaction.ReactionSystem.HORIZON;
import static org.favstream.sampler.reaction.ReactionSystem.SPECIES;

import java.util.List;
import org.favstream.sampler.noise.SplitMix;

/**
 * Draws contexts by seed and index: the same on every JVM, and each on its own, so that any may be
 * drawn again.
 *
 * <p>Systems take turns. Every species starts at the square of a uniform draw from [0, 1). The
 * target is, by system: for 1 to 8 the yield at the horizon under {@code (0, 0, 0, 0, c, c, -c,
 * -c)} with {@code |c|} uniform in 3 to 6 and its sign drawn; for 11 and 12 under a control of
 * normals of deviation 2, cut at the limit; for 9 and 10 uniform in 0 to 2.5.
 *
 * <p>An instance belongs to one thread.
 */
public final class ReactionContexts {
  /** Targets need no more: a yield is within about 1e-6. */
  private static final double TARGET_TOLERANCE = 1e-6;

  private static final double CONTROL_DEVIATION = 2;
  private static final double LEAST_PUSH = 3;
  private static final double MOST_PUSH = 6;
  private static final double HIGHEST_TARGET = 2.5;

  private final long seed;
  private final List<ReactionSystem> systems;
  private final ReactionSimulator simulator = new ReactionSimulator(TARGET_TOLERANCE);

  /**
   * Makes a source of contexts.
   *
   * @param seed chooses the contexts
   * @param systems the systems that take turns, in this order
   */
  public ReactionContexts(long seed, List<ReactionSystem> systems) {
    if (systems.isEmpty()) {
      throw new IllegalArgumentException("no reaction systems to draw contexts of");
    }
    this.seed = seed;
    this.systems = List.copyOf(systems);
  }

  /** The system whose turn it is at an index. */
  public ReactionSystem system(long index) {
    return systems.get((int) Math.floorMod(index, (long) systems.size()));
  }

  /** The context at an index. */
  public ReactionContext draw(long index) {
    ReactionSystem system = system(index);
    SplitMix random = new SplitMix(seed, index);
    double[] state = new double[SPECIES];
    for (int i = 0; i < SPECIES; i++) {
      double root = random.uniform();
      state[i] = root * root;
    }
    double[] rates = system.rates();
    double target =
        switch (system.targets()) {
          case PUSH_PULL -> finalYield(rates, state, pushPull(random));
          case NORMAL_CONTROL -> finalYield(rates, state, normalControl(random));
          case UNIFORM -> HIGHEST_TARGET * random.uniform();
        };
    return new ReactionContext(rates, state, target);
  }

  private double finalYield(double[] rates, double[] state, double[] control) {
    double[][] states =
        simulator
            .trajectory(rates, state, control, HORIZON)
            .orElseThrow(
                () -> new ReactionContextException("no target: the rollout to it diverged"));
    return states[0][0];
  }

  private static double[] pushPull(SplitMix random) {
    double c = LEAST_PUSH + (MOST_PUSH - LEAST_PUSH) * random.uniform();
    double signed = random.uniform() < 0.5 ? -c : c;
    return new double[] {0, 0, 0, 0, signed, signed, -signed, -signed};
  }

  private static double[] normalControl(SplitMix random) {
    double[] control = new double[CONTROLS];
    for (int i = 0; i < CONTROLS; i++) {
      double drawn = CONTROL_DEVIATION * random.normal();
      control[i] = Math.max(-CONTROL_LIMIT, Math.min(CONTROL_LIMIT, drawn));
    }
    return control;
  }
}
