// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.svgd;

import static org.favstream.learner.svgd.Lanes.TILE;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The total scores {@code s = ∇ log p̂ + β ∇r}.
 *
 * <p>The prior score is the gradient of a log-sum-exp over all scales and references, hence a mean
 * of {@code (2/σ_t) (y_k - x)} with the weights of a softmax. Its sums are kept relative to the
 * nearest reference so far (as flash attention keeps those of its softmax relative to the largest
 * logit); where a block brings a nearer one, they are scaled down.
 */
final class ScorePass {
  private final Workspace workspace;
  private final List<TileLoop> loops;
  private Scales scales;

  // Per tile: (TILE), and (scales, TILE).
  private final float[] nearest;
  private final float[] masses;

  // Per tile: (TILE). What a row's sums count, and what its distance from the origin does.
  private final float[] pulls;
  private final float[] homes;

  // (TILE)
  private final float[] formerNearest = new float[TILE];
  private final float[] factors = new float[TILE];
  private final float[] factorMasses = new float[TILE];

  ScorePass(Workspace workspace, Scales scales) {
    this.workspace = workspace;
    this.scales = scales;
    nearest = new float[workspace.capacity];
    masses = new float[workspace.capacity * scales.count()];
    pulls = new float[workspace.capacity];
    homes = new float[workspace.capacity];
    loops = loops();
  }

  /**
   * The scores of some particles of one context.
   *
   * @param from first particle, within the context
   * @param to last particle plus one
   * @param scores where to put them, {@code (contexts, n, d)}
   */
  void run(
      VelocitySettings settings,
      Scales scales,
      ParticleBlock block,
      int context,
      int from,
      int to,
      float[] scores) {
    this.scales = scales;
    int first = context * block.particleCount();
    int m = block.referenceCount();
    for (int start = from; start < to; start += workspace.capacity) {
      int rowCount = Math.min(to - start, workspace.capacity);
      workspace.load(block.particles(), first + start, rowCount);
      int tileCount = Workspace.tiles(rowCount);
      Arrays.fill(nearest, 0, tileCount * TILE, Float.MAX_VALUE);
      Arrays.fill(masses, 0, mass(tileCount, 0), 0);
      for (int k = 0; k < m; k += Workspace.BLOCK) {
        int count = Math.min(m - k, Workspace.BLOCK);
        workspace.takeOthers(block.references(), context * m + k, count);
        TileLoop.runAll(loops, tileCount, count);
      }
      for (int row = 0; row < rowCount; row++) {
        weigh(settings, row);
      }
      workspace.unload(pulls, scores, first + start, rowCount);
      for (int row = 0; row < rowCount; row++) {
        add(homes[row], (float) settings.beta(), block, first + start + row, scores);
      }
    }
  }

  private List<TileLoop> loops() {
    List<TileLoop> loops = new ArrayList<>(workspace.distanceLoops());
    loops.add(this::approach);
    // What the sums so far are to be multiplied with: just the kernels of what was nearest.
    loops.add(
        (tile, count) ->
            KernelLoops.relativeKernels(
                formerNearest,
                1,
                nearest,
                tile * TILE,
                scales.falloff(scales.widest()),
                0,
                factors,
                factorMasses,
                0));
    loops.add((tile, count) -> scaleMasses(tile));
    for (int t = 0; t < scales.count(); t++) {
      int scale = t;
      loops.add(
          (tile, count) ->
              KernelLoops.relativeKernels(
                  workspace.squared,
                  count,
                  nearest,
                  tile * TILE,
                  scales.falloff(scale),
                  scales.excess(scale),
                  workspace.scaleKernels,
                  masses,
                  mass(tile, scale)));
      if (scales.count() > 1) {
        loops.add((tile, count) -> workspace.addScale(scale, scales.relativeSlope(scale), count));
      }
    }
    loops.addAll(workspace.pullLoops());
    loops.add((tile, count) -> workspace.scaleAndAddBlock(tile, factors));
    return loops;
  }

  private void approach(int tile, int count) {
    System.arraycopy(nearest, tile * TILE, formerNearest, 0, TILE);
    KernelLoops.approach(workspace.squared, count, nearest, tile * TILE);
  }

  private int mass(int tile, int scale) {
    return (tile * scales.count() + scale) * TILE;
  }

  private void scaleMasses(int tile) {
    for (int mass = mass(tile, 0); mass < mass(tile + 1, 0); mass += TILE) {
      for (int lane = 0; lane < TILE; lane++) {
        masses[mass + lane] *= factors[lane];
      }
    }
  }

  /**
   * The factors of a row's score. The floors follow from the exact score: with {@code kept = min(1,
   * mass / floor)}, {@link FloorMode#NO_PRIOR} keeps so much of it, and {@link FloorMode#ORIGIN}
   * replaces the rest by {@code -slope · x}.
   */
  private void weigh(VelocitySettings settings, int row) {
    float mass = 0;
    float sloped = 0;
    for (int t = 0; t < scales.count(); t++) {
      float ofScale = masses[mass(row / TILE, t) + row % TILE];
      mass += ofScale;
      sloped += scales.relativeSlope(t) * ofScale;
    }
    float pull = scales.slope() / mass;
    float home = 0;
    if (settings.floorMode() != FloorMode.NONE) {
      float kept = (float) Math.min(1, mass(mass, nearest[row]) / FloorMode.FLOOR);
      home = settings.floorMode() == FloorMode.ORIGIN ? (1 - kept) * sloped * pull : 0;
      pull *= kept;
    }
    pulls[row] = pull;
    homes[row] = home;
  }

  /** Adds what does not come of the sums to a particle's score. */
  private static void add(
      float home, float beta, ParticleBlock block, int particle, float[] scores) {
    float[] particles = block.particles();
    float[] gradients = block.rewardGradients();
    int end = (particle + 1) * block.dimensions();
    for (int at = particle * block.dimensions(); at < end; at++) {
      scores[at] = scores[at] - home * particles[at] + beta * gradients[at];
    }
  }

  /** The mass {@code Σ_t Σ_k k_tk} itself, of one relative to the nearest reference. */
  private double mass(float relative, double nearest) {
    double exponent = nearest * scales.falloff(scales.widest());
    return relative * StrictMath.pow(2, -exponent);
  }
}
