// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.pretraining;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Optional;
import org.favstream.actors.engine.Adam;
import org.favstream.sampler.generator.MeanFlowGenerator;
import org.favstream.sampler.noise.NoiseSource;

/**
 * MeanFlow's own objective (arXiv 2505.13447): with {@code x_t = (1 - t) x + t z} and {@code v = z
 * - x}, regress {@code u(x_t, r, t)} to {@code stopgrad(v - (t - r) du/dt)}. The loss is divided by
 * {@code stopgrad(loss + 0.01)}. Times are two draws of {@code sigmoid(N(-0.4, 1))}; in half of the
 * samples both are the same.
 */
final class MeanFlowObjective implements Objective {
  private static final double TIME_MEAN = -0.4;
  private static final float ADAPTIVE = 0.01f;

  private final MeanFlowGenerator generator;

  MeanFlowObjective(MeanFlowGenerator generator) {
    this.generator = generator;
  }

  @Override
  public float[] initialParameters(long seed) {
    return generator.initialParameters(seed);
  }

  @Override
  public Adam.Settings optimiser() {
    return new Adam.Settings(0.9, 0.95, 1e-8, 0.01, 1);
  }

  @Override
  public NDArray loss(NDArray parameters, Step step) {
    int size = step.size();
    int d = generator.sampleSize();
    float[] normals = NoiseSource.normals(step.draw(), size * (d + 2));
    float[] noise = new float[size * d];
    float[] end = new float[size];
    float[] span = new float[size];
    System.arraycopy(normals, 0, noise, 0, noise.length);
    for (int i = 0; i < size; i++) {
      double one = sigmoid(normals[size * d + 2 * i] + TIME_MEAN);
      double other = sigmoid(normals[size * d + 2 * i + 1] + TIME_MEAN);
      boolean instant = i < size / 2; // the batch has no order of its own
      end[i] = (float) (instant ? one : Math.max(one, other));
      span[i] = (float) (instant ? 0 : Math.abs(one - other));
    }
    NDManager manager = step.manager();
    NDArray z = manager.create(noise, new Shape(size, d));
    NDArray t = manager.create(end, new Shape(size, 1));
    NDArray tr = manager.create(span, new Shape(size, 1));
    Optional<NDArray> c = step.contexts();
    NDArray x = step.samples();
    NDArray v = z.sub(x);
    NDArray xt = x.add(v.mul(t));

    NDArray derivative =
        generator.averageVelocityInTime(parameters.stopGradient(), xt, t, tr, v, c);
    NDArray target = v.sub(derivative.mul(tr));
    NDArray u = generator.averageVelocity(parameters, xt, t, tr, c);
    // One weight for the whole batch: a weight a sample (as the paper has it for images) turns the
    // mean that the velocity must be into something like a median.
    NDArray loss = u.sub(target).square().sum(new int[] {1}).mean();
    return loss.div(loss.stopGradient().add(ADAPTIVE));
  }

  private static double sigmoid(double x) {
    return 1 / (1 + StrictMath.exp(-x));
  }
}
