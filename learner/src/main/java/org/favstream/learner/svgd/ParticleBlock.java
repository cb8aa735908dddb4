// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.svgd;

/**
 * A batch of particles with what they are moved by: {@code contexts} independent sets of {@code n}
 * particles and {@code m} reference samples in {@code d} dimensions. All arrays are row-major.
 *
 * <p>It views the arrays and copies nothing: they are not to be written while a velocity is being
 * computed from them.
 */
public final class ParticleBlock {
  private final int contexts;
  private final int particleCount;
  private final int referenceCount;
  private final int dimensions;
  private final float[] particles;
  private final float[] references;
  private final float[] rewardGradients;

  /**
   * A view of these arrays.
   *
   * @param contexts at least 1
   * @param particleCount n, particles per context, at least 1
   * @param referenceCount m, reference samples per context, at least 1
   * @param dimensions d, at least 1
   * @param particles {@code (contexts, n, d)}
   * @param references {@code (contexts, m, d)}
   * @param rewardGradients {@code ∇r} at the particles, {@code (contexts, n, d)}
   * @throws IllegalArgumentException where an array does not have its shape
   */
  public ParticleBlock(
      int contexts,
      int particleCount,
      int referenceCount,
      int dimensions,
      float[] particles,
      float[] references,
      float[] rewardGradients) {
    if (contexts < 1 || particleCount < 1 || referenceCount < 1 || dimensions < 1) {
      throw new IllegalArgumentException(
          "a block of %d contexts, %d particles, %d references, %d dimensions: each must be at least 1"
              .formatted(contexts, particleCount, referenceCount, dimensions));
    }
    requireShape("particles", particles, contexts, particleCount, dimensions);
    requireShape("references", references, contexts, referenceCount, dimensions);
    requireShape("rewardGradients", rewardGradients, contexts, particleCount, dimensions);
    this.contexts = contexts;
    this.particleCount = particleCount;
    this.referenceCount = referenceCount;
    this.dimensions = dimensions;
    this.particles = particles;
    this.references = references;
    this.rewardGradients = rewardGradients;
  }

  static void requireShape(String name, float[] array, int contexts, int rows, int dimensions) {
    if (array.length != Math.multiplyExact(Math.multiplyExact((long) contexts, rows), dimensions)) {
      throw new IllegalArgumentException(
          "%s of shape (%d, %d, %d) cannot have %d numbers"
              .formatted(name, contexts, rows, dimensions, array.length));
    }
  }

  /** How many sets of particles it holds. */
  public int contexts() {
    return contexts;
  }

  /** n, particles per context. */
  public int particleCount() {
    return particleCount;
  }

  /** m, reference samples per context. */
  public int referenceCount() {
    return referenceCount;
  }

  /** d. */
  public int dimensions() {
    return dimensions;
  }

  /** All particles of all contexts. */
  public int rows() {
    return contexts * particleCount;
  }

  float[] particles() {
    return particles;
  }

  float[] references() {
    return references;
  }

  float[] rewardGradients() {
    return rewardGradients;
  }
}
