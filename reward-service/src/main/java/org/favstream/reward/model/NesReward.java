// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import org.favstream.protocol.Noise;
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

  /** Asks this box, and closes it in the end. */
  public NesReward(BlackBox box, Settings settings) {
    this.box = box;
    this.settings = settings;
  }

  @Override
  public Rewards evaluate(Block block) {
    // The particles were made of the draw's own normals: perturbed by those again, the gradient
    // would lean toward each particle's noise.
    Noise own = new Noise(NoiseSource.key(block.draw().key(), "nes", 0), block.draw().counter());
    int numbers = settings.samples() * block.rows() * block.d();
    return evaluate(block, NoiseSource.normals(own, numbers));
  }

  /**
   * As {@link #evaluate(Block)}, with these perturbations.
   *
   * @param noise {@code (samples, contexts, particles, d)}, row-major
   */
  Rewards evaluate(Block block, float[] noise) {
    int numbers = block.rows() * block.d();
    float[] contexts = block.contextRows();
    double[] centre = new double[numbers];
    for (int i = 0; i < numbers; i++) {
      centre[i] = block.values()[i];
    }
    double[] gradient = new double[numbers];
    for (int sample = 0; sample < settings.samples(); sample++) {
      int first = sample * numbers;
      double[] up = moved(block, contexts, centre, noise, first, settings.sigma());
      double[] down = moved(block, contexts, centre, noise, first, -settings.sigma());
      for (int i = 0; i < numbers; i++) {
        int row = i / block.d();
        double slope = (up[row] - down[row]) / (2 * settings.sigma());
        gradient[i] += slope * noise[first + i] / settings.samples();
      }
    }
    return new Rewards(toFloats(box.values(block.rows(), centre, contexts)), toFloats(gradient));
  }

  private double[] moved(
      Block block, float[] contexts, double[] centre, float[] noise, int first, double way) {
    double[] particles = new double[centre.length];
    for (int i = 0; i < particles.length; i++) {
      particles[i] = centre[i] + way * noise[first + i];
    }
    return box.values(block.rows(), particles, contexts);
  }

  @Override
  public void close() {
    box.close();
  }

  private static float[] toFloats(double[] numbers) {
    float[] floats = new float[numbers.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) numbers[i];
    }
    return floats;
  }
}
