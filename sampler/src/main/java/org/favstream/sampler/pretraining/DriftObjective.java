// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.pretraining;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.Optional;
import org.favstream.actors.engine.Adam;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.noise.NoiseSource;

/**
 * The drifting model (<i>Generative modeling via drifting</i>, arXiv 2602.04770): generated samples
 * are drawn to the data and pushed from each other, and the generator is regressed onto where they
 * drift to.
 *
 * <p>With {@code k = exp(-‖x - y‖/τ)} between each generated {@code x} and all targets (the
 * generated ones, self masked, and the data), {@code K = k / √(row sum · column sum)} and {@code
 * V_i = Σ_data K_id (Σ_gen K_ig) y_d - Σ_gen K_ig (Σ_data K_id) x_g}, the loss is {@code mean ‖x -
 * stopgrad(x + V)‖²}.
 */
final class DriftObjective implements Objective {
  private static final float TEMPERATURE = 0.15f;

  private final Generator generator;

  DriftObjective(Generator generator) {
    this.generator = generator;
  }

  @Override
  public float[] initialParameters(long seed) {
    return generator.initialParameters(seed);
  }

  @Override
  public Adam.Settings optimiser() {
    return Adam.Settings.adam(1);
  }

  @Override
  public NDArray loss(NDArray parameters, Step step) {
    float[] normals = NoiseSource.normals(step.draw(), step.size() * generator.noiseSize());
    NDArray noise = step.manager().create(normals, new Shape(step.size(), generator.noiseSize()));
    NDArray generated = generator.forward(parameters, noise, step.contexts());
    NDArray fixed = generated.stopGradient();
    NDArray target = fixed.add(drift(fixed, step.samples(), step.contexts()));
    return generated.sub(target).square().mean();
  }

  /**
   * The drift of each generated sample.
   *
   * @param generated {@code (n, d)}
   * @param data {@code (m, d)}
   * @param contexts of both, {@code (n, context size)} with m = n: distances are then those of
   *     samples together with their contexts, so that a sample is drawn to data of contexts like
   *     its own
   * @return {@code (n, d)}
   */
  static NDArray drift(NDArray generated, NDArray data, Optional<NDArray> contexts) {
    int n = (int) generated.getShape().get(0);
    int m = (int) data.getShape().get(0);
    NDArray places = contexts.map(c -> generated.concat(c, 1)).orElse(generated);
    NDArray targets = places.concat(contexts.map(c -> data.concat(c, 1)).orElse(data), 0);
    NDArray squares =
        rowNorms(places)
            .add(rowNorms(targets).transpose())
            .sub(places.matMul(targets.transpose()).muli(2));
    NDArray kernel = squares.maximum(1e-12f).sqrt().divi(-TEMPERATURE).exp();
    NDArray self = generated.getManager().eye(n, n + m, 0, generated.getDataType());
    kernel = kernel.mul(self.neg().addi(1));
    NDArray rows = kernel.sum(new int[] {1}, true);
    NDArray columns = kernel.sum(new int[] {0}, true);
    NDArray normal = kernel.div(rows.mul(columns).maximum(1e-30f).sqrt());
    NDList parts = normal.split(new long[] {n}, 1);
    NDArray toGenerated = parts.get(0);
    NDArray toData = parts.get(1);
    NDArray massGenerated = toGenerated.sum(new int[] {1}, true);
    NDArray massData = toData.sum(new int[] {1}, true);
    return toData.matMul(data).mul(massGenerated).sub(toGenerated.matMul(generated).mul(massData));
  }

  private static NDArray rowNorms(NDArray rows) {
    return NDArrays.mul(rows, rows).sum(new int[] {1}, true);
  }
}
