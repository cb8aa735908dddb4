// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.svgd;

import static org.favstream.learner.svgd.Lanes.TILE;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Rows in the lanes: a tile holds the numbers of {@link Lanes#TILE} rows dimension by dimension,
 * and a block of others is packed for it. Nothing is summed across lanes.
 */
final class TileWorkspace extends Workspace {
  /** Numbers in the tiles that a packed block serves: they stay in the L2 cache. */
  private static final int TILE_NUMBERS = 1 << 17;

  private static final int LARGEST_TILE_COUNT = 16;

  /**
   * Dimensions that a transposition takes at a time: floats in a cache line, each of which is then
   * read once, however far the rows are from each other.
   */
  private static final int STRIP = 16;

  private final int dimensions;

  /** The dimensions, rounded up to an even number. The odd one out is 0 everywhere. */
  private final int padded;

  /** Per tile: {@code (padded, TILE)}. */
  private final float[] rows;

  /** Per tile: {@code (padded, TILE)}. What is summed over all blocks so far. */
  private final float[] sums;

  /** The sums over one block, {@code (padded, TILE)}. */
  private final float[] blockSums;

  /**
   * A block of others, {@code (BLOCK, padded)}, as the bits of floats, in columns of four
   * dimensions, and a last one of two where it must be.
   */
  private final int[] others;

  /** What is mixed by the kernels, packed as the others are; empty until it is asked for. */
  private int[] values = {};

  TileWorkspace(int dimensions, int scaleCount) {
    super(tileCount(padded(dimensions)) * TILE, scaleCount);
    this.dimensions = dimensions;
    padded = padded(dimensions);
    rows = new float[capacity * padded];
    sums = new float[capacity * padded];
    blockSums = new float[padded * TILE];
    others = new int[BLOCK * padded];
  }

  private static int padded(int dimensions) {
    return dimensions + (dimensions & 1);
  }

  private static int tileCount(int padded) {
    return Math.max(1, Math.min(LARGEST_TILE_COUNT, TILE_NUMBERS / (padded * TILE)));
  }

  /** Where a dimension of a tile stands in the rows and sums. */
  private int at(int tile, int dimension) {
    return (tile * padded + dimension) * TILE;
  }

  /** Where a row's first dimension stands in the rows and sums; the next is TILE further on. */
  private int at(int row) {
    return at(row / TILE, 0) + row % TILE;
  }

  /** Puts rows into the lanes of the tiles. Unused lanes keep old rows. */
  @Override
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

  @Override
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

  @Override
  void takeOthers(float[] source, int first, int count) {
    pack(source, first, count, others);
  }

  @Override
  void takeValues(float[] source, int first, int count) {
    pack(source, first, count, values);
  }

  private void pack(float[] source, int first, int count, int[] packed) {
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

  @Override
  List<TileLoop> distanceLoops() {
    return columns(
        j ->
            (tile, count) ->
                PairLoops.distances4(rows, at(tile, j), others, j * BLOCK, count, squared, j == 0),
        j ->
            (tile, count) ->
                PairLoops.distances2(rows, at(tile, j), others, j * BLOCK, count, squared, j == 0));
  }

  @Override
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

  @Override
  List<TileLoop> moveLoops(Repulsion repulsion) {
    values = new int[BLOCK * padded];
    List<TileLoop> loops = new ArrayList<>(mixLoops());
    loops.add((tile, count) -> addBlock(tile, 1));
    loops.addAll(pullLoops());
    loops.add((tile, count) -> addBlock(tile, -repulsion.factor()));
    return loops;
  }

  /** The loops that put {@code Σ_k kernel_k value_k} into the block's sums. */
  private List<TileLoop> mixLoops() {
    return columns(
        j ->
            (tile, count) -> PairLoops.mix4(kernels, count, values, j * BLOCK, blockSums, j * TILE),
        j ->
            (tile, count) ->
                PairLoops.mix2(kernels, count, values, j * BLOCK, blockSums, j * TILE));
  }

  private void addBlock(int tile, float factor) {
    KernelLoops.addScaled(sums, at(tile, 0), padded * TILE, factor, blockSums);
  }

  @Override
  void scaleAndAddBlock(int tile, float[] factors) {
    KernelLoops.scaleAndAdd(sums, at(tile, 0), padded * TILE, factors, blockSums);
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
