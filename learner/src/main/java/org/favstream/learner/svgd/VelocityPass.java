// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.svgd;

import static org.favstream.learner.svgd.Lanes.TILE;

import java.util.Arrays;
import java.util.List;

/**
 * The velocities {@code φ_i = (1/n) Σ_j Σ_t k_t(x_j, x_i) (s_j + (2/σ_t) (x_i - x_j))}: the
 * particles' scores mixed by the kernel, less the pull of the particles on each other.
 */
final class VelocityPass {
  private final TileWorkspace workspace;
  private final List<TileLoop> loops;
  private Scales scales;
  private float slope;

  /** A block of scores, packed as the others are. */
  private final int[] otherScores;

  /** Of each row of the tiles: {@code 1/n}. */
  private final float[] shares;

  VelocityPass(int dimensions, Scales scales) {
    this.scales = scales;
    workspace = new TileWorkspace(dimensions, scales.count());
    otherScores = new int[workspace.others.length];
    shares = new float[workspace.capacity];
    loops = loops();
  }

  boolean fits(int dimensions, Scales scales) {
    return workspace.fits(dimensions, scales.count());
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
    int n = block.particleCount();
    Arrays.fill(shares, 1f / n);
    int first = context * n;
    for (int start = from; start < to; start += workspace.capacity) {
      int rowCount = Math.min(to - start, workspace.capacity);
      workspace.load(block.particles(), first + start, rowCount);
      for (int k = 0; k < n; k += TileWorkspace.BLOCK) {
        int count = Math.min(n - k, TileWorkspace.BLOCK);
        workspace.pack(block.particles(), first + k, count, workspace.others);
        workspace.pack(scores, first + k, count, otherScores);
        TileLoop.runAll(loops, TileWorkspace.tiles(rowCount), count);
      }
      workspace.unload(shares, velocities, first + start, rowCount);
    }
  }

  private List<TileLoop> loops() {
    List<TileLoop> loops = workspace.distanceLoops();
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
    loops.addAll(workspace.mixLoops(otherScores));
    loops.add((tile, count) -> add(tile, 1));
    loops.addAll(workspace.pullLoops());
    loops.add((tile, count) -> add(tile, -slope));
    return loops;
  }

  private void add(int tile, float factor) {
    KernelLoops.addScaled(
        workspace.sums,
        workspace.at(tile, 0),
        workspace.padded * TILE,
        factor,
        workspace.blockSums);
  }
}
