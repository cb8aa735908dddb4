// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.arm;

/** The inverse of Moore and Penrose of a wide matrix {@code A} of full rank: Aᵀ (A Aᵀ)⁻¹. */
final class PseudoInverse {
  private PseudoInverse() {}

  /**
   * The pseudo-inverse.
   *
   * @param a {@code (n, m)}, n ≤ m
   * @return {@code (m, n)}
   */
  static double[][] of(double[][] a) {
    int n = a.length;
    int m = a[0].length;
    double[][] gram = new double[n][2 * n]; // beside the identity, which becomes the inverse
    for (int i = 0; i < n; i++) {
      gram[i][n + i] = 1;
      for (int j = 0; j < n; j++) {
        for (int k = 0; k < m; k++) {
          gram[i][j] += a[i][k] * a[j][k];
        }
      }
    }
    eliminate(gram);
    double[][] inverse = new double[m][n];
    for (int k = 0; k < m; k++) {
      for (int j = 0; j < n; j++) {
        for (int i = 0; i < n; i++) {
          inverse[k][j] += a[i][k] * gram[i][n + j];
        }
      }
    }
    return inverse;
  }

  /** Gauss and Jordan; without pivoting, since the matrix is positive definite. */
  private static void eliminate(double[][] rows) {
    for (int i = 0; i < rows.length; i++) {
      double pivot = rows[i][i];
      for (int k = 0; k < rows[i].length; k++) {
        rows[i][k] /= pivot;
      }
      for (int j = 0; j < rows.length; j++) {
        double factor = rows[j][i];
        for (int k = 0; j != i && k < rows[j].length; k++) {
          rows[j][k] -= factor * rows[i][k];
        }
      }
    }
  }
}
