// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.stream.IntStream;
import org.favstream.actors.engine.Scalars;
import org.favstream.sampler.dataset.EightGaussians;

/**
 * The reward of FAV's toy: mode {@code k} has a height {@code h_k}, in the paper {@code k/7},
 * smoothed by a softmax over the modes with temperature 1, {@code R(x) = Σ_k softmax(-‖x - c_k‖²)_k
 * · h_k}. The target is {@code p(x) R(x)^β}, so the reward that a tilt by {@code exp(β r)} needs is
 * {@code r = log R}, with {@code R} held above 1e-10.
 */
public final class EightGaussiansReward implements DifferentiableReward {
  private static final double SMALLEST = 1e-10;

  private final List<Double> heights;

  /** The paper's: mode {@code k} has {@code k/7}. */
  public EightGaussiansReward() {
    this(
        IntStream.range(0, EightGaussians.MODES)
            .mapToObj(mode -> mode / (EightGaussians.MODES - 1.0))
            .toList());
  }

  /**
   * One of other heights.
   *
   * @param heights of the modes, in their order: 8 numbers in [0, 1], not all 0
   */
  public EightGaussiansReward(List<Double> heights) {
    boolean inRange = heights.stream().allMatch(height -> height >= 0 && height <= 1);
    boolean some = heights.stream().anyMatch(height -> height > 0);
    if (heights.size() != EightGaussians.MODES || !inRange || !some) {
      throw new IllegalArgumentException(
          "heights of modes: got %s, expected %d numbers from 0 to 1, not all 0"
              .formatted(heights, EightGaussians.MODES));
    }
    this.heights = List.copyOf(heights);
  }

  @Override
  public NDArray value(NDArray particles, NDArray contexts) {
    return smoothed(particles).maximum(Scalars.of(particles, SMALLEST)).log();
  }

  /**
   * {@code R(x)}, in [0, 1].
   *
   * @param particles {@code (rows, 2)}
   * @return {@code (rows)}
   */
  public NDArray smoothed(NDArray particles) {
    NDManager manager = particles.getManager();
    DataType type = particles.getDataType();
    int modes = EightGaussians.MODES;
    double[] centres = new double[2 * modes];
    for (int mode = 0; mode < modes; mode++) {
      double[] centre = EightGaussians.centre(mode);
      centres[2 * mode] = centre[0];
      centres[2 * mode + 1] = centre[1];
    }
    NDArray distances =
        particles
            .expandDims(1)
            .sub(manager.create(centres, new Shape(1, modes, 2)).toType(type, false))
            .square()
            .sum(new int[] {2});
    return distances
        .neg()
        .softmax(1)
        .mul(
            manager
                .create(heights.stream().mapToDouble(Double::doubleValue).toArray())
                .toType(type, false))
        .sum(new int[] {1});
  }
}
