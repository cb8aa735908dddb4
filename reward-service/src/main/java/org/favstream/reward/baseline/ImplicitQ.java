// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.baseline;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.function.Function;
import org.favstream.actors.engine.Adam;
import org.favstream.actors.engine.EngineScope;
import org.favstream.actors.engine.Gradients;
import org.favstream.reward.critic.CriticSettings.Aggregation;
import org.favstream.reward.critic.ReplayBuffer.Batch;
import org.favstream.sampler.generator.Mlp;

/**
 * What IQL has beside the critics (Kostrikov and others 2021, arXiv 2110.06169): the value {@code
 * V(s)} of the better of the data's own actions, so that no action is asked about that was never
 * taken.
 *
 * <p>{@code L_V = mean |τ - 1(u < 0)| u²} with {@code u = min Q_target(s, a) - V(s)}: the expectile
 * {@code τ} of the target networks' values over what was done in {@code s}, their mean at .5 and
 * nearer to their maximum the nearer {@code τ} is to 1. The critics aim at {@code r + γ · mask ·
 * V(s')}, and the policy's advantages are {@code min Q_target(s, a) - V(s)}. The network is that of
 * a critic, without the action. Confined to one thread at a time.
 */
public final class ImplicitQ implements AutoCloseable {
  private final Function<Batch, float[]> targetValues;
  private final int observationSize;
  private final double expectile;
  private final double learningRate;
  private final Mlp value;
  private final NDManager manager;
  private final NDArray parameters;
  private final Adam adam;

  /**
   * Begins afresh.
   *
   * @param targetValues the target networks' values of what was done: {@code (2, rows)}
   * @param hidden sizes of the hidden layers
   * @param expectile {@code τ}, in (0, 1)
   * @param seed of the first weights
   */
  public ImplicitQ(
      Function<Batch, float[]> targetValues,
      int observationSize,
      List<Integer> hidden,
      double expectile,
      double learningRate,
      long seed,
      Device device) {
    if (!(expectile > 0 && expectile < 1)) {
      throw new IllegalArgumentException(
          "IQL: expectile %s: expected above 0 and less than 1".formatted(expectile));
    }
    this.targetValues = targetValues;
    this.observationSize = observationSize;
    this.expectile = expectile;
    this.learningRate = learningRate;
    this.value = new Mlp("value", observationSize, hidden, 1, Mlp.Between.GELU_NORM);
    this.manager = NDManager.newBaseManager(device, "PyTorch");
    this.parameters = manager.create(value.initialParameters(seed));
    this.adam = new Adam(manager, value.layout().length(), Adam.Settings.adam(0));
  }

  /**
   * One step of the value, unless the gradient is not finite; then what the critics' update takes.
   *
   * @return {@code V(s')}: {@code (rows)}
   */
  public float[] nextValues(Batch batch) {
    float[] aims = Aggregation.MIN.of(targetValues.apply(batch));
    try (EngineScope scope = new EngineScope(manager)) {
      NDArray leaf = Gradients.leafOf(parameters);
      NDArray output = forward(scope.manager(), leaf, batch.observations());
      float[] slopes = output.toFloatArray();
      for (int row = 0; row < slopes.length; row++) {
        slopes[row] = (float) (slope(aims[row] - slopes[row], expectile) / slopes.length);
      }
      NDArray cotangent = scope.manager().create(slopes, output.getShape());
      adam.step(parameters, Gradients.inLeaf(output, cotangent, leaf), learningRate);
    }
    return values(batch.nextObservations());
  }

  /** The derivative of {@code |τ - 1(u < 0)| u²} in the value, with {@code u} the aim above it. */
  static double slope(double u, double expectile) {
    return -2 * Math.abs(expectile - (u < 0 ? 1 : 0)) * u;
  }

  /**
   * Values as they are.
   *
   * @param observations {@code (rows, o)}, row-major
   * @return {@code V(s)}: {@code (rows)}
   */
  public float[] values(float[] observations) {
    try (EngineScope scope = new EngineScope(manager)) {
      return forward(scope.manager(), parameters, observations).toFloatArray();
    }
  }

  /**
   * How much better than the value was what was done.
   *
   * @return {@code (rows)}
   */
  public float[] advantages(Batch batch) {
    float[] advantages = Aggregation.MIN.of(targetValues.apply(batch));
    float[] values = values(batch.observations());
    for (int row = 0; row < values.length; row++) {
      advantages[row] -= values[row];
    }
    return advantages;
  }

  private NDArray forward(NDManager here, NDArray weights, float[] observations) {
    int rows = observations.length / observationSize;
    return value.forward(weights, here.create(observations, new Shape(rows, observationSize)));
  }

  @Override
  public void close() {
    manager.close();
  }
}
