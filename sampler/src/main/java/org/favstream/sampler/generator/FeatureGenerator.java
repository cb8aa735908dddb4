// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.generator;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Optional;
import org.favstream.actors.engine.ParameterLayout;
import org.favstream.actors.engine.TorchScriptException;
import org.favstream.actors.engine.TorchScriptModule;
import org.favstream.actors.engine.TorchScriptSource;
import org.jspecify.annotations.Nullable;

/**
 * A generator whose particles are features of what it makes: {@code x = ψ(G(z, c; θ))} (FAV, arXiv
 * 2605.26552), with a TorchScript module {@code ψ(rows, d) -> (rows, k)} that nobody trains; for
 * images, a decoder and an embedding.
 *
 * <p>A particle <b>is</b> its features, for everyone: references are {@code ψ} of the frozen
 * generator's samples, the reward is a function of features, so are its gradient, the kernels'
 * distances and the velocity {@code φ} of {@code k} numbers, and the log carries {@code k} numbers
 * a particle. The regression goes through {@code ψ}: {@code L(θ) = mean ‖ψ(G(z, c; θ)) - stopgrad(x
 * + φ(x))‖²}, and its gradient {@code 2/(n k) Σ (∂G/∂θ)ᵀ (∂ψ/∂G)ᵀ (ψ(G) - target)} is one
 * vector-Jacobian product after the other. So the mathematics of the velocity knows nothing of
 * features.
 */
final class FeatureGenerator implements Generator {
  private final Generator samples;
  private final TorchScriptSource source;
  private final int features;
  private final @Nullable TorchScriptModule map;

  private FeatureGenerator(
      Generator samples, TorchScriptSource source, int features, @Nullable TorchScriptModule map) {
    this.samples = samples;
    this.source = source;
    this.features = features;
    this.map = map;
  }

  /**
   * Describes a generator's features, of which it tries out a few.
   *
   * @param samples what is mapped
   * @param source {@code ψ}
   * @throws TorchScriptException where the source has no such bytes, or {@link Trial} refuses them
   */
  static FeatureGenerator of(Generator samples, TorchScriptSource source) {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      Generator unknown = new FeatureGenerator(samples, source, 1, null).on(manager);
      float[] parameters = samples.initialParameters(0);
      int features = Trial.sampleSize(source.name(), unknown, manager, parameters);
      return new FeatureGenerator(samples, source, features, null);
    }
  }

  @Override
  public int noiseSize() {
    return samples.noiseSize();
  }

  @Override
  public int contextSize() {
    return samples.contextSize();
  }

  /** How many features there are: {@code k}. */
  @Override
  public int sampleSize() {
    return features;
  }

  @Override
  public ParameterLayout layout() {
    return samples.layout();
  }

  @Override
  public float[] initialParameters(long seed) {
    return samples.initialParameters(seed);
  }

  @Override
  public Generator on(NDManager owner) {
    return new FeatureGenerator(
        samples.on(owner), source, features, TorchScriptModule.load(source, owner));
  }

  @Override
  public NDArray forward(NDArray parameters, NDArray noise, Optional<NDArray> context) {
    return map().infer(samples.forward(parameters, noise, context));
  }

  @Override
  public Tape taped(NDArray parameters, NDArray noise, Optional<NDArray> context) {
    Tape tape = samples.taped(parameters, noise, context);
    return tape.then(map().apply(tape.samples()));
  }

  private TorchScriptModule map() {
    if (map == null) {
      throw new IllegalStateException(source.name() + " computes once it is on a device");
    }
    return map;
  }
}
