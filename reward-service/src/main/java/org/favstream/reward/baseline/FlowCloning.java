// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.baseline;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import org.favstream.actors.engine.Adam;
import org.favstream.actors.engine.EngineScope;
import org.favstream.actors.engine.Gradients;
import org.favstream.protocol.Noise;
import org.favstream.reward.critic.ReplayBuffer.Batch;
import org.favstream.sampler.generator.Mlp;
import org.favstream.sampler.noise.NoiseSource;

/**
 * A flow that clones behaviour: flow matching of the data's actions given the observation, from
 * noise at time 0 to the action at time 1, in Euler steps (the multi-step policy of FQL, arXiv
 * 2502.02538). Confined to one thread at a time.
 */
public final class FlowCloning implements AutoCloseable {
  private static final int STEPS = 10;
  private static final int TIMES = 1 << 24;

  private final int observationSize;
  private final int actionSize;
  private final Mlp velocity;
  private final double learningRate;
  private final NDManager manager;
  private final NDArray parameters;
  private final Adam adam;

  /**
   * Begins afresh.
   *
   * @param hidden sizes of the hidden layers
   * @param seed of the first weights
   */
  public FlowCloning(
      int observationSize,
      int actionSize,
      List<Integer> hidden,
      double learningRate,
      long seed,
      Device device) {
    this.observationSize = observationSize;
    this.actionSize = actionSize;
    this.velocity =
        new Mlp("flow", observationSize + actionSize + 1, hidden, actionSize, Mlp.Between.GELU);
    this.learningRate = learningRate;
    this.manager = NDManager.newBaseManager(device, "PyTorch");
    this.parameters = manager.create(velocity.initialParameters(seed));
    this.adam = new Adam(manager, velocity.layout().length(), Adam.Settings.adam(0));
  }

  /**
   * One step, unless the gradient is not finite.
   *
   * @param draw of noise and times
   * @return the loss before the step
   */
  public double step(Batch batch, Noise draw) {
    int rows = batch.rows();
    float[] noise = NoiseSource.normals(draw, rows * actionSize);
    int[] ticks = NoiseSource.integers(draw, rows, TIMES);
    float[] times = new float[rows];
    float[] between = new float[noise.length];
    for (int i = 0; i < between.length; i++) {
      float time = (float) ticks[i / actionSize] / TIMES;
      times[i / actionSize] = time;
      between[i] = (1 - time) * noise[i] + time * batch.actions()[i];
    }
    try (EngineScope scope = new EngineScope(manager)) {
      NDManager here = scope.manager();
      NDArray leaf = Gradients.leafOf(parameters);
      NDArray output =
          velocity(
              leaf,
              here.create(batch.observations(), new Shape(rows, observationSize)),
              here.create(between, new Shape(rows, actionSize)),
              here.create(times, new Shape(rows, 1)));
      float[] residuals = output.toFloatArray();
      double loss = 0;
      for (int i = 0; i < residuals.length; i++) {
        float residual = residuals[i] - (batch.actions()[i] - noise[i]);
        loss += (double) residual * residual / residuals.length;
        residuals[i] = 2 * residual / residuals.length;
      }
      NDArray cotangent = here.create(residuals, output.getShape());
      adam.step(parameters, Gradients.inLeaf(output, cotangent, leaf), learningRate);
      return loss;
    }
  }

  /**
   * Actions of the flow.
   *
   * @param observations {@code (rows, o)}, row-major
   * @param draw of the noise: as many normals as the actions have numbers
   * @return {@code (rows, a)}, row-major, within {@code [-1, 1]}
   */
  public float[] actions(float[] observations, Noise draw) {
    int rows = observations.length / observationSize;
    try (EngineScope scope = new EngineScope(manager)) {
      NDManager here = scope.manager();
      NDArray states = here.create(observations, new Shape(rows, observationSize));
      NDArray x =
          here.create(NoiseSource.normals(draw, rows * actionSize), new Shape(rows, actionSize));
      float[] time = new float[rows];
      for (int step = 0; step < STEPS; step++) {
        Arrays.fill(time, (float) step / STEPS);
        NDArray at = here.create(time, new Shape(rows, 1));
        x = x.add(velocity(parameters, states, x, at).div(STEPS)); // no graph: see Scalars
      }
      return x.clip(-1, 1).toFloatArray();
    }
  }

  private NDArray velocity(NDArray weights, NDArray states, NDArray x, NDArray time) {
    return velocity.forward(weights, NDArrays.concat(new NDList(states, x, time), 1));
  }

  @Override
  public void close() {
    manager.close();
  }
}
