// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.svgd;

import static org.favstream.learner.svgd.Lanes.TILE;

import java.util.Arrays;
import java.util.List;

/**
 * The arrays that one thread works in, for particles of one dimension.
 *
 * <p>The pairs are visited block by block, as in flash attention, and no matrix of all pairs ever
 * exists. A block of others (references or particles) is taken once, then meets one tile of rows
 * after the other; per tile: squared distances, kernels from these, and the kernels' weighted sums.
 * A row meets the others in the same order with the same block borders whatever tile, range or
 * thread it is in, so its result is the same to the last bit.
 *
 * <p>Squared distances and kernels stand with a row in each lane. How the rows themselves stand
 * decides about speed and about the order in which a distance's squares are summed, so it follows
 * from the shape alone: see {@link TileWorkspace} and {@link RowWorkspace}.
 */
abstract class Workspace {
  /** Others in a block. What is summed by blocks depends on it, so it is the same everywhere. */
  static final int BLOCK = 64;

  /** How many rows the tiles have room for. */
  final int capacity;

  /** Squared distances of a tile to a block, {@code (BLOCK, TILE)}. */
  final float[] squared = new float[BLOCK * TILE];

  /** Kernels of one scale, {@code (BLOCK, TILE)}. */
  final float[] scaleKernels = new float[BLOCK * TILE];

  /** Kernels, {@code Σ_t k_t}, {@code (BLOCK, TILE)}. */
  final float[] kernels;

  /** Kernels times their scales' relative slopes, {@code (BLOCK, TILE)}. */
  final float[] slopes;

  Workspace(int capacity, int scaleCount) {
    this.capacity = capacity;
    // A single scale's kernels are the sum over the scales already.
    kernels = scaleCount == 1 ? scaleKernels : new float[BLOCK * TILE];
    slopes = scaleCount == 1 ? scaleKernels : new float[BLOCK * TILE];
  }

  /**
   * What decides about the arrays.
   *
   * @param few whether contexts hold few particles of many dimensions
   */
  record Shape(boolean few, int dimensions, int scaleCount) {
    static Shape of(ParticleBlock block, Scales scales) {
      return new Shape(
          RowWorkspace.suits(block.particleCount(), block.dimensions()),
          block.dimensions(),
          scales.count());
    }

    Workspace workspace() {
      return few
          ? new RowWorkspace(dimensions, scaleCount)
          : new TileWorkspace(dimensions, scaleCount);
    }
  }

  /** How many tiles hold so many rows. */
  static int tiles(int rowCount) {
    return (rowCount + TILE - 1) / TILE;
  }

  /** Takes the rows, and zeroes the sums. */
  abstract void load(float[] source, int first, int count);

  /** Takes a block of others. */
  abstract void takeOthers(float[] source, int first, int count);

  /** Takes what is mixed by the kernels: a number for each dimension of each of the others. */
  abstract void takeValues(float[] source, int first, int count);

  /** The loops that put the squared distances to the others into {@link #squared}. */
  abstract List<TileLoop> distanceLoops();

  /** The loops that put {@code Σ_k slope_k (other_k - row)} into the block's sums. */
  abstract List<TileLoop> pullLoops();

  /** Makes a tile's sums {@code sum · factor + block's}, with a factor for each row. */
  abstract void scaleAndAddBlock(int tile, float[] factors);

  /**
   * The loops that add {@code Σ_k (kernel_k value_k - repulsion slope_k (other_k - row))} to the
   * sums.
   *
   * @param repulsion asked for at each run
   */
  abstract List<TileLoop> moveLoops(Repulsion repulsion);

  /** The factor of the repulsion. */
  @FunctionalInterface
  interface Repulsion {
    float factor();
  }

  /**
   * Gives the sums away: row {@code i} becomes {@code factors[i]} times its sums.
   *
   * @param target {@code (rows, dimensions)}, from row {@code first} on
   */
  abstract void unload(float[] factors, float[] target, int first, int count);

  /** Takes one scale's kernels into the sums over the scales. */
  final void addScale(int scale, float relativeSlope, int count) {
    if (scale == 0) {
      Arrays.fill(kernels, 0);
      Arrays.fill(slopes, 0);
    }
    for (int i = 0; i < count * TILE; i++) {
      kernels[i] += scaleKernels[i];
      slopes[i] += relativeSlope * scaleKernels[i];
    }
  }
}
