// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import java.util.Arrays;
import org.favstream.protocol.Noise;
import org.favstream.sampler.context.ContextRows;
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

  /** What a box is asked about at once at most: 8 MiB of float64. */
  private static final int NUMBERS_AT_ONCE = 1 << 20;

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
    double[] values = values(block, noise);
    double[] gradient = new double[numbers];
    for (int sample = 0; sample < settings.samples(); sample++) {
      int first = sample * numbers;
      int up = 2 * sample * block.rows();
      int down = up + block.rows();
      for (int i = 0; i < numbers; i++) {
        int row = i / block.d();
        double slope = (values[up + row] - values[down + row]) / (2 * settings.sigma());
        gradient[i] += slope * noise[first + i] / settings.samples();
      }
    }
    return new Rewards(toFloats(values, values.length - block.rows()), toFloats(gradient, 0));
  }

  /**
   * Rewards of the particles moved up and down by each sample, and of the particles themselves at
   * the end. The box is asked about many rows at once, as it may be far away or fast only in bulk.
   *
   * @return {@code (2 · samples + 1, rows)}, row-major
   */
  private double[] values(Block block, float[] noise) {
    int rows = block.rows();
    int copies = 2 * settings.samples() + 1;
    int numbersOfCopy = Math.max(1, rows * (block.d() + block.contextSize()));
    int atOnce = Math.min(copies, Math.max(1, NUMBERS_AT_ONCE / numbersOfCopy));
    float[] ofCopy = block.contextRows();
    float[] contexts = ContextRows.repeat(ofCopy, ofCopy.length, atOnce);
    double[] values = new double[copies * rows];
    for (int first = 0; first < copies; first += atOnce) {
      int asked = Math.min(atOnce, copies - first);
      double[] got =
          box.values(
              asked * rows,
              moved(block, noise, first, asked),
              Arrays.copyOf(contexts, asked * ofCopy.length));
      System.arraycopy(got, 0, values, first * rows, asked * rows);
    }
    return values;
  }

  /** Some of the copies of the particles, in the order of {@link #values}. */
  private double[] moved(Block block, float[] noise, int first, int copies) {
    int numbers = block.rows() * block.d();
    double[] particles = new double[copies * numbers];
    for (int copy = 0; copy < copies; copy++) {
      int sample = (first + copy) / 2;
      double way = (first + copy) % 2 == 0 ? settings.sigma() : -settings.sigma();
      boolean still = sample == settings.samples();
      for (int i = 0; i < numbers; i++) {
        double centre = block.values()[i];
        particles[copy * numbers + i] = still ? centre : centre + way * noise[sample * numbers + i];
      }
    }
    return particles;
  }

  @Override
  public void close() {
    box.close();
  }

  private static float[] toFloats(double[] numbers, int from) {
    float[] floats = new float[numbers.length - from];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) numbers[from + i];
    }
    return floats;
  }
}
