// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.svgd;

import static org.favstream.learner.svgd.Lanes.TILE;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The arrays that one thread works in, for particles of one dimension.
 *
 * <p>The pairs are visited block by block, as in flash attention, and no matrix of all pairs ever
 * exists. A block of others (references or particles) is packed once, then meets one tile of rows
 * after the other; per tile: squared distances, kernels from these, and the kernels' weighted sums.
 * A row meets the others in the same order with the same block borders whatever tile, range or
 * thread it is in, so its result is the same to the last bit.
 */
final class TileWorkspace {
  /** Others in a block. What is summed by blocks depends on it, so it is the same everywhere. */
  static final int BLOCK = 64;

  /** Numbers in the tiles that a packed block serves: they stay in the L2 cache. */
  private static final int TILE_NUMBERS = 1 << 17;

  private static final int LARGEST_TILE_COUNT = 16;

  /**
   * Dimensions that a transposition takes at a time: floats in a cache line, each of which is then
   * read once, however far the rows are from each other.
   */
  private static final int STRIP = 16;

  final int dimensions;

  /** The dimensions, rounded up to an even number. The odd one out is 0 everywhere. */
  final int padded;

  /** How many rows the tiles have room for. */
  final int capacity;

  /** Per tile: {@code (padded, TILE)}. */
  final float[] rows;

  /** Per tile: {@code (padded, TILE)}. What is summed over all blocks so far. */
  final float[] sums;

  /** The sums over one block, {@code (padded, TILE)}. */
  final float[] blockSums;

  /** Squared distances of a tile to a block, {@code (BLOCK, TILE)}. */
  final float[] squared = new float[BLOCK * TILE];

  /** Kernels of one scale, {@code (BLOCK, TILE)}. */
  final float[] scaleKernels = new float[BLOCK * TILE];

  /** Kernels, {@code Σ_t k_t}, {@code (BLOCK, TILE)}. */
  final float[] kernels;

  /** Kernels times their scales' relative slopes, {@code (BLOCK, TILE)}. */
  final float[] slopes;

  /**
   * A block of others, {@code (BLOCK, padded)}, as the bits of floats, in columns of four
   * dimensions, and a last one of two where it must be.
   */
  final int[] others;

  private final int scaleCount;

  TileWorkspace(int dimensions, int scaleCount) {
    this.dimensions = dimensions;
    this.scaleCount = scaleCount;
    padded = dimensions + (dimensions & 1);
    int tileCount = Math.max(1, Math.min(LARGEST_TILE_COUNT, TILE_NUMBERS / (padded * TILE)));
    capacity = tileCount * TILE;
    rows = new float[capacity * padded];
    sums = new float[capacity * padded];
    blockSums = new float[padded * TILE];
    // A single scale's kernels are the sum over the scales already.
    kernels = scaleCount == 1 ? scaleKernels : new float[BLOCK * TILE];
    slopes = scaleCount == 1 ? scaleKernels : new float[BLOCK * TILE];
    others = new int[BLOCK * padded];
  }

  boolean fits(int dimensions, int scaleCount) {
    return dimensions == this.dimensions && scaleCount == this.scaleCount;
  }

  /** How many tiles hold so many rows. */
  static int tiles(int rowCount) {
    return (rowCount + TILE - 1) / TILE;
  }

  /** Where a dimension of a tile stands in the rows and sums. */
  int at(int tile, int dimension) {
    return (tile * padded + dimension) * TILE;
  }

  /** Where a row's first dimension stands in the rows and sums; the next is TILE further on. */
  int at(int row) {
    return at(row / TILE, 0) + row % TILE;
  }

  /** Puts rows into the lanes of the tiles, and zeroes the sums. Unused lanes keep old rows. */
  void load(float[] source, int first, int count) {
    Arrays.fill(sums, 0, at(tiles(count), 0), 0);
    for (int strip = 0; strip < dimensions; strip += STRIP) {
      int end = Math.min(strip + STRIP, dimensions);
      for (int i = 0; i < count; i++) {
        int from = (first + i) * dimensions;
        int to = at(i);
        for (int j = strip; j < end; j++) {
          rows[to + j * TILE] = source[from + j];
        }
      }
    }
  }

  /**
   * Brings sums back from the lanes: row {@code i} becomes {@code factors[i]} times its sums.
   *
   * @param target {@code (rows, dimensions)}, from row {@code first} on
   */
  void unload(float[] factors, float[] target, int first, int count) {
    for (int strip = 0; strip < dimensions; strip += STRIP) {
      int end = Math.min(strip + STRIP, dimensions);
      for (int i = 0; i < count; i++) {
        float factor = factors[i];
        int from = at(i);
        int to = (first + i) * dimensions;
        for (int j = strip; j < end; j++) {
          target[to + j] = factor * sums[from + j * TILE];
        }
      }
    }
  }

  /** Packs a block of others. */
  void pack(float[] source, int first, int count, int[] packed) {
    int j = 0;
    for (; j + 4 <= dimensions; j += 4) {
      for (int k = 0, to = j * BLOCK; k < count; k++, to += 4) {
        int from = (first + k) * dimensions + j;
        packed[to] = Float.floatToRawIntBits(source[from]);
        packed[to + 1] = Float.floatToRawIntBits(source[from + 1]);
        packed[to + 2] = Float.floatToRawIntBits(source[from + 2]);
        packed[to + 3] = Float.floatToRawIntBits(source[from + 3]);
      }
    }
    int width = padded - j;
    for (int column = j * BLOCK; j < dimensions; j++, column++) {
      for (int k = 0, to = column; k < count; k++, to += width) {
        packed[to] = Float.floatToRawIntBits(source[(first + k) * dimensions + j]);
      }
    }
  }

  /** The loops that put the squared distances to the others into {@code squared}. */
  List<TileLoop> distanceLoops() {
    return columns(
        j ->
            (tile, count) ->
                PairLoops.distances4(rows, at(tile, j), others, j * BLOCK, count, squared, j == 0),
        j ->
            (tile, count) ->
                PairLoops.distances2(rows, at(tile, j), others, j * BLOCK, count, squared, j == 0));
  }

  /** The loops that put {@code Σ_k slope_k (other_k - row)} into the block's sums. */
  List<TileLoop> pullLoops() {
    return columns(
        j ->
            (tile, count) ->
                PairLoops.pull4(
                    slopes, count, rows, at(tile, j), others, j * BLOCK, blockSums, j * TILE),
        j ->
            (tile, count) ->
                PairLoops.pull2(
                    slopes, count, rows, at(tile, j), others, j * BLOCK, blockSums, j * TILE));
  }

  /** The loops that put {@code Σ_k kernel_k value_k} into the block's sums. */
  List<TileLoop> mixLoops(int[] values) {
    return columns(
        j ->
            (tile, count) -> PairLoops.mix4(kernels, count, values, j * BLOCK, blockSums, j * TILE),
        j ->
            (tile, count) ->
                PairLoops.mix2(kernels, count, values, j * BLOCK, blockSums, j * TILE));
  }

  /** Takes one scale's kernels into the sums over the scales. */
  void addScale(int scale, float relativeSlope, int count) {
    if (scale == 0) {
      Arrays.fill(kernels, 0);
      Arrays.fill(slopes, 0);
    }
    for (int i = 0; i < count * TILE; i++) {
      kernels[i] += scaleKernels[i];
      slopes[i] += relativeSlope * scaleKernels[i];
    }
  }

  private List<TileLoop> columns(Column four, Column two) {
    List<TileLoop> loops = new ArrayList<>();
    for (int j = 0; j < padded; j += 4) {
      loops.add(j + 4 <= padded ? four.from(j) : two.from(j));
    }
    return loops;
  }

  /** A loop over the dimensions from one on. */
  private interface Column {
    TileLoop from(int dimension);
  }
}
