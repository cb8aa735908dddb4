// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.svgd;

import java.util.List;

/**
 * One loop over the pairs of a tile's rows with a block of others.
 *
 * <p>It is an interface, called in one place with many implementations, so that C2 compiles each
 * loop by itself. Inlined into one method the loops exceed what C2 is ready to parse (some 60
 * vector operations); then it leaves vectors as objects, and all is 30 times slower.
 */
@FunctionalInterface
interface TileLoop {

  /**
   * Runs the loop.
   *
   * @param tile which tile of the workspace
   * @param count how many others the block holds
   */
  void run(int tile, int count);

  /** Runs all loops on one tile after the other. */
  static void runAll(List<TileLoop> loops, int tileCount, int count) {
    for (int tile = 0; tile < tileCount; tile++) {
      for (int i = 0; i < loops.size(); i++) {
        loops.get(i).run(tile, count);
      }
    }
  }
}
