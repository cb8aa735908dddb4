// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.pretraining;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Optional;
import org.favstream.actors.engine.Adam;
import org.favstream.actors.engine.Scalars;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.Mlp;
import org.favstream.sampler.noise.NoiseSource;

/**
 * The variational auto-encoder (Kingma and Welling 2014) whose decoder is the generator: {@code ½‖x
 * - x̂‖² + w KL(q(z | x, c) ‖ N(0, I))}. The encoder's parameters come after the generator's, and
 * are dropped afterwards.
 */
final class VaeObjective implements Objective {
  private static final float KL_WEIGHT = 0.02f;

  private final Generator decoder;
  private final Mlp encoder;

  VaeObjective(Generator decoder, List<Integer> hidden) {
    this.decoder = decoder;
    this.encoder =
        new Mlp(
            "encoder",
            decoder.sampleSize() + decoder.contextSize(),
            hidden,
            2 * decoder.noiseSize());
  }

  @Override
  public float[] initialParameters(long seed) {
    float[] first = decoder.initialParameters(seed);
    float[] second = encoder.initialParameters(seed + 1);
    float[] all = new float[first.length + second.length];
    System.arraycopy(first, 0, all, 0, first.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  @Override
  public Adam.Settings optimiser() {
    return Adam.Settings.adam(1);
  }

  @Override
  public NDArray loss(NDArray parameters, Step step) {
    NDList parts = parameters.split(new long[] {decoder.layout().length()});
    NDArray x = step.samples();
    Optional<NDArray> c = step.contexts();
    NDArray code = encoder.forward(parts.get(1), c.map(context -> x.concat(context, 1)).orElse(x));
    NDList moments = code.split(new long[] {decoder.noiseSize()}, 1);
    NDArray mean = moments.get(0);
    NDArray logVariance = moments.get(1);
    NDArray half = Scalars.of(x, 0.5);
    float[] normals = NoiseSource.normals(step.draw(), step.size() * decoder.noiseSize());
    NDArray noise = step.manager().create(normals, new Shape(step.size(), decoder.noiseSize()));
    NDArray latent = mean.add(logVariance.mul(half).exp().mul(noise));
    NDArray decoded = decoder.forward(parts.get(0), latent, c);
    NDArray reconstruction = decoded.sub(x).square().sum(new int[] {1}).mul(half);
    NDArray divergence =
        mean.square().add(logVariance.exp()).sub(logVariance).sub(1).sum(new int[] {1}).mul(half);
    return reconstruction.add(divergence.mul(Scalars.of(x, KL_WEIGHT))).mean();
  }
}
