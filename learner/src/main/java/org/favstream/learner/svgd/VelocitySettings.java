// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.svgd;

import java.util.List;

/**
 * The constants of the Stein velocity.
 *
 * @param beta how much the reward counts against the prior: the target is {@code p_ref exp(β r)};
 *     finite
 * @param kdeBandwidths {@code σ_t} of the prior's density estimate, at least one, each positive, in
 *     squared units of the particles ({@code σ = 2h²} for a Gaussian of standard deviation h)
 * @param steinBandwidths {@code σ'_t} of the Stein kernel, likewise
 * @param floorMode what becomes of the prior score far from all references
 * @param repulsion factor of the repulsion between particles: 1 is SVGD; 0.5 reproduces the
 *     reference code for images
 * @param densityExponent a, in 0..1: the velocity is divided by {@code ρ_i^a}, {@code ρ_i = (1/n)
 *     max(1, Σ_j k(x_j, x_i))} the density of the particles by the Stein kernel; 0 is SVGD. See
 *     {@link org.favstream.learner.svgd}
 * @param ownTerm whether a particle counts among those that move it, and in its density; SVGD has
 *     it so. Without it a particle that is alone stays where it is
 */
public record VelocitySettings(
    double beta,
    List<Double> kdeBandwidths,
    List<Double> steinBandwidths,
    FloorMode floorMode,
    double repulsion,
    double densityExponent,
    boolean ownTerm) {

  public VelocitySettings {
    kdeBandwidths = List.copyOf(kdeBandwidths);
    steinBandwidths = List.copyOf(steinBandwidths);
    if (!Double.isFinite(beta)) {
      throw new IllegalArgumentException("beta must be finite, got " + beta);
    }
    requireBandwidths("kdeBandwidths", kdeBandwidths);
    requireBandwidths("steinBandwidths", steinBandwidths);
    if (!(repulsion >= 0) || !Double.isFinite(repulsion)) {
      throw new IllegalArgumentException("repulsion must be at least 0, got " + repulsion);
    }
    if (!(densityExponent >= 0 && densityExponent <= 1)) {
      throw new IllegalArgumentException(
          "density-exponent must be between 0 and 1, got " + densityExponent);
    }
  }

  /** SVGD: nothing is divided by the density, and a particle counts itself. */
  public VelocitySettings(
      double beta,
      List<Double> kdeBandwidths,
      List<Double> steinBandwidths,
      FloorMode floorMode,
      double repulsion) {
    this(beta, kdeBandwidths, steinBandwidths, floorMode, repulsion, 0, true);
  }

  /** The exact velocity, with one bandwidth for both kernels. */
  public static VelocitySettings of(double beta, double bandwidth) {
    return new VelocitySettings(beta, List.of(bandwidth), List.of(bandwidth), FloorMode.NONE, 1);
  }

  /** The same with one other bandwidth for both kernels, as {@link ScottBandwidth} gives it. */
  public VelocitySettings withBandwidth(double bandwidth) {
    List<Double> both = List.of(bandwidth);
    return new VelocitySettings(beta, both, both, floorMode, repulsion, densityExponent, ownTerm);
  }

  /** The same with another β. */
  public VelocitySettings withBeta(double other) {
    return new VelocitySettings(
        other, kdeBandwidths, steinBandwidths, floorMode, repulsion, densityExponent, ownTerm);
  }

  private static void requireBandwidths(String name, List<Double> bandwidths) {
    if (bandwidths.isEmpty()) {
      throw new IllegalArgumentException(name + " must hold at least one bandwidth");
    }
    for (double bandwidth : bandwidths) {
      // Within these, 2/σ and 1/(σ ln 2) are normal floats.
      if (!(bandwidth >= 1e-30 && bandwidth <= 1e30)) {
        throw new IllegalArgumentException(
            name + " must be between 1e-30 and 1e30, got " + bandwidth);
      }
    }
  }
}
