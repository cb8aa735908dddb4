// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.svgd;

/**
 * What becomes of the prior score where no reference is near, that is where the kernel mass {@code
 * m = Σ_t Σ_k exp(-‖x - y_k‖²/σ_t)} falls below {@value #FLOOR}. Above it all modes agree.
 */
public enum FloorMode {
  /** The exact score, evaluated in log space: it pulls to the nearest references. The default. */
  NONE,

  /**
   * The mass is floored: {@code Σ_t Σ_k (2/σ_t) k_tk (y_k - x) / max(m, floor)}, which fades to no
   * prior at all. As the reference code for images does; for parity runs.
   */
  NO_PRIOR,

  /**
   * The mass is floored in the mean of the references only: {@code 2/σ (Σ_k k_k y_k / max(m, floor)
   * - x)}, which turns into a pull to the origin. As the reference codes for the toy and for
   * policies do; for parity runs. Of several bandwidths (those codes know one) each counts with its
   * share of the mass.
   */
  ORIGIN;

  /** The least kernel mass of {@link #NO_PRIOR} and {@link #ORIGIN}. */
  static final double FLOOR = 1e-6;
}
