// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.baseline;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Optional;
import org.favstream.actors.engine.Adam;
import org.favstream.actors.engine.EngineScope;
import org.favstream.actors.engine.Gradients;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.Noise;
import org.favstream.sampler.generator.Generator;
import org.favstream.sampler.generator.PolicyGenerator;
import org.favstream.sampler.noise.NoiseSource;

/**
 * A policy under weighted regression to given actions: {@code L = mean w ‖G(z, s) - a‖²} over rows
 * and dimensions, with fresh noise. Noise and target are independent, so each state's actions
 * contract to their weighted mean: a baseline's shortcoming, and the reason for FAV's particles.
 * Confined to one thread at a time.
 */
public final class ActionRegression implements AutoCloseable {
  private final Generator policy;
  private final double learningRate;
  private final NDManager manager;
  private final NDArray parameters;
  private final Adam adam;

  /**
   * Begins with these weights and fresh moments.
   *
   * @throws WeightsException where they are another policy's
   */
  public ActionRegression(Generator policy, Weights weights, double learningRate, Device device)
      throws WeightsException {
    weights.requireTensors(policy.layout().tensors());
    this.policy = policy;
    this.learningRate = learningRate;
    this.manager = NDManager.newBaseManager(device, "PyTorch");
    this.parameters = manager.create(weights.values());
    this.adam = new Adam(manager, weights.length(), Adam.Settings.adam(0));
  }

  /**
   * One step, unless the gradient is not finite.
   *
   * @param observations {@code (rows, o)}, row-major
   * @param draw of the noise
   * @return the loss before the step
   */
  public double step(float[] observations, Baseline.Imitation imitation, Noise draw) {
    int d = policy.sampleSize();
    try (EngineScope scope = new EngineScope(manager)) {
      NDArray leaf = Gradients.leafOf(parameters);
      NDArray output = forward(scope.manager(), leaf, observations, draw);
      float[] residuals = output.toFloatArray();
      double loss = 0;
      for (int i = 0; i < residuals.length; i++) {
        float weight = imitation.weights()[i / d];
        float residual = residuals[i] - imitation.actions()[i];
        loss += (double) weight * residual * residual / residuals.length;
        residuals[i] = 2 * weight * residual / residuals.length;
      }
      NDArray cotangent = scope.manager().create(residuals, output.getShape());
      adam.step(parameters, Gradients.inLeaf(output, cotangent, leaf), learningRate);
      return loss;
    }
  }

  /**
   * Actions of the policy as it is.
   *
   * @param observations {@code (rows, o)}, row-major
   * @param draw of the noise
   * @return {@code (rows, a)}, row-major, within {@code [-1, 1]}
   */
  public float[] actions(float[] observations, Noise draw) {
    try (EngineScope scope = new EngineScope(manager)) {
      return PolicyGenerator.actions(forward(scope.manager(), parameters, observations, draw))
          .toFloatArray();
    }
  }

  private NDArray forward(NDManager here, NDArray weights, float[] observations, Noise draw) {
    int rows = observations.length / policy.contextSize();
    int z = policy.noiseSize();
    return policy.forward(
        weights,
        here.create(NoiseSource.normals(draw, rows * z), new Shape(rows, z)),
        Optional.of(here.create(observations, new Shape(rows, policy.contextSize()))));
  }

  /**
   * A copy of the weights.
   *
   * @throws WeightsException where one is not finite
   */
  public Weights weights() throws WeightsException {
    return new Weights(policy.layout().tensors(), parameters.toFloatArray());
  }

  @Override
  public void close() {
    manager.close();
  }
}
