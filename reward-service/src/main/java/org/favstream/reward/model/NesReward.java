// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import java.util.Arrays;
import org.favstream.sampler.noise.NoiseSource;

/**
 * A black box with a gradient by antithetic NES (Wierstra and others 2014; FAV, arXiv 2605.26552):
 * {@code ∇r(x) ≈ (1/N) Σ_u [(r(x + σu) - r(x - σu)) / 2σ] u} with {@code u ~ N(0, I)}.
 */
public final class NesReward implements RewardModel {

  /**
   * How the gradient is estimated.
   *
   * @param sigma {@code σ}, the size of the perturbations
   * @param samples {@code N}, pairs a particle
   */
  public record Settings(double sigma, int samples) {
    public Settings {
      if (!(sigma > 0) || samples < 1) {
        throw new IllegalArgumentException(
            "reward.nes: sigma %s must be above 0, samples %d at least 1"
                .formatted(sigma, samples));
      }
    }
  }

  private final BlackBox box;
  private final Settings settings;

  /** Asks this box. */
  public NesReward(BlackBox box, Settings settings) {
    this.box = box;
    this.settings = settings;
  }

  @Override
  public Rewards evaluate(Block block) {
    int d = block.d();
    float[] noise = NoiseSource.normals(block.draw(), settings.samples() * block.rows() * d);
    return evaluate(block, noise);
  }

  /**
   * As {@link #evaluate(Block)}, with these perturbations.
   *
   * @param noise {@code (samples, contexts, particles, d)}, row-major
   */
  Rewards evaluate(Block block, float[] noise) {
    int d = block.d();
    int rows = block.rows();
    float[] values = new float[rows];
    float[] gradients = new float[rows * d];
    double[] particle = new double[d];
    double[] gradient = new double[d];
    for (int row = 0; row < rows; row++) {
      int context = row / block.particles() * block.contextSize();
      float[] c = Arrays.copyOfRange(block.contextValues(), context, context + block.contextSize());
      values[row] = (float) at(block, row, particle, noise, -1, 0, c);
      Arrays.fill(gradient, 0);
      for (int sample = 0; sample < settings.samples(); sample++) {
        double up = at(block, row, particle, noise, sample, settings.sigma(), c);
        double down = at(block, row, particle, noise, sample, -settings.sigma(), c);
        double slope = (up - down) / (2 * settings.sigma());
        for (int j = 0; j < d; j++) {
          gradient[j] += slope * noise[(sample * rows + row) * d + j];
        }
      }
      for (int j = 0; j < d; j++) {
        gradients[row * d + j] = (float) (gradient[j] / settings.samples());
      }
    }
    return new Rewards(values, gradients);
  }

  private double at(
      Block block,
      int row,
      double[] particle,
      float[] noise,
      int sample,
      double distance,
      float[] context) {
    int d = block.d();
    for (int j = 0; j < d; j++) {
      double u = distance == 0 ? 0 : noise[(sample * block.rows() + row) * d + j];
      particle[j] = block.values()[row * d + j] + distance * u;
    }
    return box.value(particle, context);
  }
}
