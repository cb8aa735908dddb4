// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.critic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.favstream.actors.engine.EngineScope;
import org.favstream.actors.engine.Gradients;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TwinCriticTest {
  private static final TwinCritic CRITIC = new TwinCritic(3, 2, List.of(7, 5));
  private static final int ROWS = 4;

  @SuppressWarnings("NullAway.Init")
  private static NDManager manager;

  @BeforeAll
  static void start() {
    manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
  }

  @AfterAll
  static void stop() {
    manager.close();
  }

  private static double[] numbers(int seed, int count) {
    return new Random(seed).doubles(count, -1, 1).toArray();
  }

  private static double[] values(double[] parameters, double[] actions) {
    try (EngineScope scope = new EngineScope(manager)) {
      NDManager here = scope.manager();
      NDArray values =
          CRITIC.values(
              here.create(parameters),
              here.create(numbers(2, ROWS * 3), new Shape(ROWS, 3)),
              here.create(actions, new Shape(ROWS, 2)));
      assertThat(values.getShape()).isEqualTo(new Shape(2, ROWS));
      return values.toDoubleArray();
    }
  }

  private static double weighted(double[] parameters, double[] actions, double[] weights) {
    double[] values = values(parameters, actions);
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      sum += weights[i] * values[i];
    }
    return sum;
  }

  @Test
  void shouldKeepTheTwoApart() {
    double[] parameters = numbers(1, CRITIC.layout().length());
    double[] actions = numbers(3, ROWS * 2);
    double[] before = values(parameters, actions);
    double[] other = parameters.clone();
    other[parameters.length - 1] += 1; // the second's last bias
    double[] after = values(other, actions);
    for (int row = 0; row < ROWS; row++) {
      assertThat(after[row]).isEqualTo(before[row]);
      assertThat(after[ROWS + row]).isCloseTo(before[ROWS + row] + 1, within(1e-12));
    }
    float[] initial = CRITIC.initialParameters(1);
    int half = initial.length / 2;
    assertThat(Arrays.copyOfRange(initial, 0, half))
        .isNotEqualTo(Arrays.copyOfRange(initial, half, initial.length));
    assertThat(CRITIC.layout().tensors().get(0).name()).isEqualTo("first.0.weight");
    assertThat(CRITIC.layout().tensors().get(10).name()).isEqualTo("second.0.weight");
  }

  @Test
  void shouldDifferentiateInWeightsAndActions() {
    double[] parameters = numbers(4, CRITIC.layout().length());
    double[] actions = numbers(5, ROWS * 2);
    double[] cotangent = numbers(6, 2 * ROWS);
    double[] inWeights;
    double[] inActions;
    try (EngineScope scope = new EngineScope(manager)) {
      NDManager here = scope.manager();
      NDArray observations = here.create(numbers(2, ROWS * 3), new Shape(ROWS, 3));
      NDArray seed = here.create(cotangent, new Shape(2, ROWS));
      NDArray theta = here.create(parameters);
      NDArray a = here.create(actions, new Shape(ROWS, 2));
      NDArray leaf = Gradients.leafOf(theta);
      inWeights =
          Gradients.inLeaf(CRITIC.values(leaf, observations, a), seed, leaf).toDoubleArray();
      NDArray action = Gradients.leafOf(a);
      inActions =
          Gradients.inLeaf(CRITIC.values(theta, observations, action), seed, action)
              .toDoubleArray();
    }
    double step = 1e-5;
    for (int i = 0; i < parameters.length; i += 5) {
      double[] up = parameters.clone();
      double[] down = parameters.clone();
      up[i] += step;
      down[i] -= step;
      double slope =
          (weighted(up, actions, cotangent) - weighted(down, actions, cotangent)) / (2 * step);
      assertThat(inWeights[i]).isCloseTo(slope, within(1e-6));
    }
    for (int i = 0; i < actions.length; i++) {
      double[] up = actions.clone();
      double[] down = actions.clone();
      up[i] += step;
      down[i] -= step;
      double slope =
          (weighted(parameters, up, cotangent) - weighted(parameters, down, cotangent))
              / (2 * step);
      assertThat(inActions[i]).isCloseTo(slope, within(1e-6));
    }
  }
}
