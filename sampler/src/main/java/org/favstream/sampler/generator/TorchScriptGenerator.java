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
 * A generator as a TorchScript module: {@code forward(noise (rows, z), context (rows, c)) -> (rows,
 * d)}, or {@code forward(noise)} where it is unconditional. {@code θ} are the module's parameters
 * under their own names; its buffers, and parameters that ask for no gradient, stay as they are.
 *
 * <p>A module has its parameters as state. So this is but its description until it is taken {@link
 * #on} a device: then it has a module of its own, into which it writes {@code θ} at each call.
 */
final class TorchScriptGenerator implements Generator {
  private final TorchScriptSource source;
  private final int noiseSize;
  private final int contextSize;
  private final int sampleSize;
  private final ParameterLayout layout;
  private final @Nullable TorchScriptModule module;

  private TorchScriptGenerator(
      TorchScriptSource source,
      int noiseSize,
      int contextSize,
      int sampleSize,
      ParameterLayout layout,
      @Nullable TorchScriptModule module) {
    this.source = source;
    this.noiseSize = noiseSize;
    this.contextSize = contextSize;
    this.sampleSize = sampleSize;
    this.layout = layout;
    this.module = module;
  }

  /**
   * Describes a module, of which it tries out a few samples.
   *
   * @param contextSize 0 for an unconditional one
   * @throws TorchScriptException where the source has no such bytes, or {@link Trial} refuses them
   */
  static TorchScriptGenerator of(TorchScriptSource source, int noiseSize, int contextSize) {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        TorchScriptModule module = TorchScriptModule.loadTrainable(source, manager)) {
      ParameterLayout layout = module.layout();
      Generator unknown =
          new TorchScriptGenerator(source, noiseSize, contextSize, 1, layout, module);
      int sampleSize = Trial.sampleSize(source.name(), unknown, manager, module.parameters());
      return new TorchScriptGenerator(source, noiseSize, contextSize, sampleSize, layout, null);
    }
  }

  @Override
  public int noiseSize() {
    return noiseSize;
  }

  @Override
  public int contextSize() {
    return contextSize;
  }

  @Override
  public int sampleSize() {
    return sampleSize;
  }

  @Override
  public ParameterLayout layout() {
    return layout;
  }

  /** The module's own, whatever the seed. */
  @Override
  public float[] initialParameters(long seed) {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        TorchScriptModule fresh = TorchScriptModule.loadTrainable(source, manager)) {
      return fresh.parameters();
    }
  }

  @Override
  public Generator on(NDManager owner) {
    return new TorchScriptGenerator(
        source,
        noiseSize,
        contextSize,
        sampleSize,
        layout,
        TorchScriptModule.loadTrainable(source, owner));
  }

  @Override
  public NDArray forward(NDArray parameters, NDArray noise, Optional<NDArray> context) {
    return with(parameters).infer(inputs(noise, context));
  }

  @Override
  public Tape taped(NDArray parameters, NDArray noise, Optional<NDArray> context) {
    TorchScriptModule here = with(parameters);
    return new Tape(here.apply(inputs(noise, context)), here::takeGradient);
  }

  private TorchScriptModule with(NDArray parameters) {
    if (module == null) {
      throw new IllegalStateException(source.name() + " computes once it is on a device");
    }
    module.set(parameters);
    return module;
  }

  private static NDArray[] inputs(NDArray noise, Optional<NDArray> context) {
    return context.map(c -> new NDArray[] {noise, c}).orElseGet(() -> new NDArray[] {noise});
  }
}
