// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.svgd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The vectors of this machine.
 *
 * <p>In a tile a lane is a row (one particle), never an index that is summed over. So nothing is
 * reduced across lanes, a row's numbers do not depend on its neighbours, and they are the same for
 * vectors of any width. {@link RowLoops} alone has dimensions in its lanes, and says how its sums
 * are the same for all widths too.
 */
final class Lanes {
  static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

  /** Rows in a vector. */
  static final int WIDTH = FLOATS.length();

  /**
   * Rows in a tile: two vectors, so that each number broadcast from memory serves two. (With one,
   * the processor's load ports are the bound, not its multipliers.)
   */
  static final int TILE = 2 * WIDTH;

  private Lanes() {}
}
