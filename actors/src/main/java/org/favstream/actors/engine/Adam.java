// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;

/**
 * Adam and AdamW (Kingma and Ba 2015; Loshchilov and Hutter 2019) over one flat parameter vector,
 * with clipping by global norm. The bias correction is PyTorch's: {@code eps} is added to the
 * corrected root, not to the raw one as DJL's own optimiser does.
 */
public final class Adam implements AutoCloseable {

  /**
   * What does not change over a training.
   *
   * @param beta1 decay of the mean, in [0, 1)
   * @param beta2 decay of the square, in [0, 1)
   * @param epsilon above 0
   * @param weightDecay decoupled (AdamW); 0 for Adam
   * @param clipNorm the largest global norm of a gradient; 0 for no clipping
   */
  public record Settings(
      double beta1, double beta2, double epsilon, double weightDecay, double clipNorm) {

    /** Adam as PyTorch has it, with clipping. */
    public static Settings adam(double clipNorm) {
      return new Settings(0.9, 0.999, 1e-8, 0, clipNorm);
    }
  }

  /**
   * The moments, as a checkpoint keeps them.
   *
   * @param steps how many steps they have seen
   * @param mean running mean of the gradient
   * @param square running mean of its square
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never shared
  public record State(long steps, float[] mean, float[] square) {}

  private final Settings settings;
  private final NDArray mean;
  private final NDArray square;
  private long steps;

  /**
   * Moments of 0.
   *
   * @param manager on whose device the parameters are; owns the moments
   * @param parameters how many there are
   */
  public Adam(NDManager manager, long parameters, Settings settings) {
    this.settings = settings;
    this.mean = manager.zeros(new Shape(parameters), DataType.FLOAT32);
    this.square = manager.zeros(new Shape(parameters), DataType.FLOAT32);
  }

  /**
   * One step in place, unless the gradient is not finite: then nothing changes.
   *
   * @param parameters the flat vector
   * @param gradient of the loss in it
   * @param learningRate of this step
   * @return the gradient's norm before clipping; NaN or infinite where no step was taken
   */
  public double step(NDArray parameters, NDArray gradient, double learningRate) {
    double norm = gradient.norm().getFloat();
    if (!Double.isFinite(norm)) {
      return norm;
    }
    steps++;
    double meanCorrection = 1 - StrictMath.pow(settings.beta1, steps);
    double rootCorrection = Math.sqrt(1 - StrictMath.pow(settings.beta2, steps));
    double scale = settings.clipNorm > 0 && norm > settings.clipNorm ? settings.clipNorm / norm : 1;
    JniUtils.adamUpdate(
        (PtNDArray) parameters,
        (PtNDArray) gradient,
        (PtNDArray) mean,
        (PtNDArray) square,
        (float) learningRate,
        (float) (learningRate * rootCorrection / meanCorrection),
        (float) settings.weightDecay,
        (float) scale,
        -1, // no clipping by value
        (float) settings.beta1,
        (float) settings.beta2,
        (float) (settings.epsilon * rootCorrection),
        true);
    return norm;
  }

  /** A copy of the moments. */
  public State state() {
    return new State(steps, mean.toFloatArray(), square.toFloatArray());
  }

  /**
   * Takes up earlier moments.
   *
   * @throws IllegalArgumentException where they are of another number of parameters
   */
  public void restore(State state) {
    if (state.mean().length != mean.size() || state.square().length != mean.size()) {
      throw new IllegalArgumentException(
          "moments of %d parameters for an optimiser of %d"
              .formatted(state.mean().length, mean.size()));
    }
    FlatTensors.write(mean, state.mean());
    FlatTensors.write(square, state.square());
    steps = state.steps();
  }

  @Override
  public void close() {
    mean.close();
    square.close();
  }
}
