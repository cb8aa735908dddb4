// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

/**
 * {@code r(x) = p + Σ_j sin(a x_j + p)}, with its exact gradient: as many models as a test needs,
 * all different.
 */
final class Wave implements RewardModel {
  private final double frequency;
  private final double phase;
  private boolean closed;

  Wave(double frequency, double phase) {
    this.frequency = frequency;
    this.phase = phase;
  }

  @Override
  public Rewards evaluate(Block block) {
    float[] values = new float[block.rows()];
    float[] gradients = new float[block.values().length];
    for (int row = 0; row < values.length; row++) {
      double sum = phase;
      for (int j = row * block.d(); j < (row + 1) * block.d(); j++) {
        double angle = frequency * block.values()[j] + phase;
        sum += Math.sin(angle);
        gradients[j] = (float) (frequency * Math.cos(angle));
      }
      values[row] = (float) sum;
    }
    return new Rewards(values, gradients);
  }

  @Override
  public void close() {
    closed = true;
  }

  boolean isClosed() {
    return closed;
  }
}
