// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.generator;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Optional;
import org.favstream.actors.engine.EngineScope;
import org.favstream.actors.engine.FlatTensors;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;

/**
 * A generator with weights on a device, for inference. It acts on verified weights only, and swaps
 * them between two calls as a whole. Confined to one thread at a time.
 */
public final class LoadedGenerator implements AutoCloseable {
  /** Rows a forward pass: bounds the memory of large requests. */
  private static final int MAX_ROWS = 8192;

  private final Generator generator;
  private final NDManager manager;
  private final NDArray parameters;

  /**
   * Loads the first weights.
   *
   * @throws WeightsException where they are another generator's
   */
  public LoadedGenerator(Generator generator, Weights weights, Device device)
      throws WeightsException {
    weights.requireTensors(generator.layout().tensors());
    this.manager = NDManager.newBaseManager(device, "PyTorch");
    this.generator = generator.on(manager);
    this.parameters = manager.zeros(new Shape(generator.layout().length()), DataType.FLOAT32);
    FlatTensors.write(parameters, weights.values());
  }

  /** What it samples with. */
  public Generator generator() {
    return generator;
  }

  /**
   * Takes other weights; nothing changes where they do not fit.
   *
   * @throws WeightsException where they are another generator's
   */
  public void swap(Weights weights) throws WeightsException {
    weights.requireTensors(generator.layout().tensors());
    FlatTensors.write(parameters, weights.values());
  }

  /**
   * Samples.
   *
   * @param noise {@code (rows, noiseSize)} standard normals, row-major
   * @param contexts {@code (rows, contextSize)}, row-major; empty for an unconditional generator
   * @return {@code (rows, d)}, row-major
   */
  public float[] sample(float[] noise, float[] contexts) {
    int rows = noise.length / generator.noiseSize();
    int d = generator.sampleSize();
    float[] samples = new float[rows * d];
    for (int from = 0; from < rows; from += MAX_ROWS) {
      int count = Math.min(MAX_ROWS, rows - from);
      try (EngineScope scope = new EngineScope(manager)) {
        NDArray z = block(scope.manager(), noise, from, count, generator.noiseSize());
        Optional<NDArray> c =
            generator.contextSize() == 0
                ? Optional.empty()
                : Optional.of(
                    block(scope.manager(), contexts, from, count, generator.contextSize()));
        float[] block = generator.forward(parameters, z, c).toFloatArray();
        System.arraycopy(block, 0, samples, from * d, block.length);
      }
    }
    return samples;
  }

  private static NDArray block(NDManager manager, float[] rows, int from, int count, int width) {
    float[] part = new float[count * width];
    System.arraycopy(rows, from * width, part, 0, part.length);
    return manager.create(part, new Shape(count, width));
  }

  @Override
  public void close() {
    manager.close();
  }
}
