// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.generator;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Optional;
import org.favstream.actors.engine.EngineScope;
import org.favstream.actors.engine.TorchScriptException;
import org.favstream.protocol.Noise;
import org.favstream.sampler.noise.NoiseSource;

/** A few samples of a generator that somebody else wrote, before anything is begun with it. */
final class Trial {
  private static final int ROWS = 3;

  private Trial() {}

  /**
   * Samples, differentiates, and samples again.
   *
   * @param name of the module that comes last in it
   * @param generator on this manager's device; its sample size is not asked for
   * @param parameters to try it with
   * @return how many numbers a sample has
   * @throws TorchScriptException where it throws, gives anything but a row of numbers a row of
   *     noise, gives others at the second time, or cannot be differentiated in its parameters
   */
  static int sampleSize(String name, Generator generator, NDManager manager, float[] parameters) {
    try (EngineScope scope = new EngineScope(manager)) {
      NDManager here = scope.manager();
      NDArray theta = here.create(parameters);
      NDArray noise = normals(here, 0, generator.noiseSize());
      Optional<NDArray> context =
          generator.contextSize() == 0
              ? Optional.empty()
              : Optional.of(normals(here, 1, generator.contextSize()));
      Tape tape = generator.taped(theta, noise, context);
      NDArray samples = tape.samples();
      Shape shape = samples.getShape();
      if (shape.dimension() != 2 || shape.get(0) != ROWS) {
        throw refused(
            name,
            "of %d rows of noise it made shape %s, expected (%d, numbers a sample)"
                .formatted(ROWS, shape, ROWS));
      }
      try {
        tape.pullBack(samples.onesLike());
      } catch (EngineException e) {
        throw new TorchScriptException(
            "TorchScript module %s: expected samples that are differentiable in the generator's parameters: %s"
                .formatted(name, e.getMessage()),
            e);
      }
      float[] once = samples.toFloatArray();
      if (!Arrays.equals(once, generator.forward(theta, noise, context).toFloatArray())) {
        throw refused(
            name,
            "of the same noise it made other samples the second time, expected a function: it may draw no numbers of its own, and keep none");
      }
      return Math.toIntExact(shape.get(1));
    }
  }

  private static TorchScriptException refused(String name, String why) {
    return new TorchScriptException("TorchScript module %s: %s".formatted(name, why));
  }

  private static NDArray normals(NDManager manager, long counter, int width) {
    return manager.create(
        NoiseSource.normals(new Noise(0, counter), ROWS * width), new Shape(ROWS, width));
  }
}
