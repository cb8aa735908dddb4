// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.svgd;

import static org.favstream.learner.svgd.Lanes.TILE;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The velocities {@code φ_i = (1/n) Σ_j Σ_t k_t(x_j, x_i) (s_j + (2/σ_t) (x_i - x_j))}: the
 * particles' scores mixed by the kernel, less the pull of the particles on each other. Where it is
 * asked for, without the particle itself among the j, and divided by a power of the particles'
 * density {@code (1/n) max(1, Σ_j Σ_t k_t(x_j, x_i))}.
 */
final class VelocityPass {
  private final Workspace workspace;
  private final List<TileLoop> loops;
  private Scales scales;
  private float slope;
  private boolean divided;

  /** Of each row of the tiles: the sum of its kernels, where it is divided by their power. */
  private final float[] masses;

  /** Of each row of the tiles: {@code 1/n}, divided by that power. */
  private final float[] shares;

  VelocityPass(Workspace workspace, Scales scales) {
    this.workspace = workspace;
    this.scales = scales;
    masses = new float[workspace.capacity];
    shares = new float[workspace.capacity];
    loops = loops();
  }

  /**
   * The velocities of some particles of one context.
   *
   * @param scores the total scores of all particles, {@code (contexts, n, d)}
   * @param from first particle, within the context
   * @param to last particle plus one
   * @param velocities where to put them, {@code (contexts, n, d)}
   */
  void run(
      VelocitySettings settings,
      Scales scales,
      ParticleBlock block,
      float[] scores,
      int context,
      int from,
      int to,
      float[] velocities) {
    this.scales = scales;
    slope = (float) settings.repulsion() * scales.slope();
    divided = settings.densityExponent() > 0;
    int n = block.particleCount();
    Arrays.fill(shares, 1f / n);
    int first = context * n;
    for (int start = from; start < to; start += workspace.capacity) {
      int rowCount = Math.min(to - start, workspace.capacity);
      workspace.load(block.particles(), first + start, rowCount);
      Arrays.fill(masses, 0);
      for (int k = 0; k < n; k += Workspace.BLOCK) {
        int count = Math.min(n - k, Workspace.BLOCK);
        workspace.takeOthers(block.particles(), first + k, count);
        workspace.takeValues(scores, first + k, count);
        TileLoop.runAll(loops, Workspace.tiles(rowCount), count);
      }
      if (divided) {
        for (int row = 0; row < rowCount; row++) {
          double neighbours = settings.ownTerm() ? masses[row] : masses[row] - scales.count();
          double density = Math.max(1, neighbours) / n;
          shares[row] = (float) (StrictMath.pow(density, -settings.densityExponent()) / n);
        }
      }
      workspace.unload(shares, velocities, first + start, rowCount);
      if (!settings.ownTerm()) {
        takeOwnOff(scores, first + start, rowCount, block.dimensions(), velocities);
      }
    }
  }

  /** Takes off what particles add to their own velocities: each scale's kernel is 1 there. */
  private void takeOwnOff(float[] scores, int first, int count, int d, float[] velocities) {
    for (int row = 0; row < count; row++) {
      float own = shares[row] * scales.count();
      int end = (first + row + 1) * d;
      for (int at = (first + row) * d; at < end; at++) {
        velocities[at] -= own * scores[at];
      }
    }
  }

  private List<TileLoop> loops() {
    List<TileLoop> loops = new ArrayList<>(workspace.distanceLoops());
    for (int t = 0; t < scales.count(); t++) {
      int scale = t;
      loops.add(
          (tile, count) ->
              KernelLoops.kernels(
                  workspace.squared, count, scales.falloff(scale), workspace.scaleKernels));
      if (scales.count() > 1) {
        loops.add((tile, count) -> workspace.addScale(scale, scales.relativeSlope(scale), count));
      }
    }
    loops.add(
        (tile, count) -> {
          if (divided) {
            KernelLoops.addRows(workspace.kernels, count, masses, tile * TILE);
          }
        });
    loops.addAll(workspace.moveLoops(() -> slope));
    return loops;
  }
}
