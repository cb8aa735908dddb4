// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.favstream.protocol.Noise;
import org.favstream.sampler.dataset.EightGaussians;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EightGaussiansRewardTest {
  private static final Noise DRAW = new Noise(4, 0);
  private static final EightGaussiansReward REWARD = new EightGaussiansReward();

  private static RewardModel.Rewards evaluate(float... points) {
    try (AutogradReward model = new AutogradReward(REWARD, Device.cpu())) {
      return model.evaluate(
          new RewardModel.Block(1, points.length / 2, 2, points, new float[0], DRAW));
    }
  }

  private static float[] smoothed(float... points) {
    return smoothed(REWARD, points);
  }

  private static float[] smoothed(EightGaussiansReward reward, float... points) {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      return reward
          .smoothed(manager.create(points, new Shape(points.length / 2, 2)))
          .toFloatArray();
    }
  }

  @Test
  void shouldRiseFromModeToModeByASeventh() {
    for (int mode = 0; mode < 8; mode++) {
      double[] centre = EightGaussians.centre(mode);
      float[] at = smoothed((float) centre[0], (float) centre[1]);
      assertThat((double) at[0]).isCloseTo(mode / 7.0, within(0.012));
    }
  }

  /** A softmax weighs the modes by numbers of sum 1: with heights {@code 1 - h} it gives 1 - R. */
  @Test
  void shouldFallFromModeToModeWhenTheHeightsAreReversed() {
    EightGaussiansReward reversed =
        new EightGaussiansReward(IntStream.range(0, 8).mapToObj(mode -> 1 - mode / 7.0).toList());
    float[] points = new EightGaussians().draw(DRAW, 50).samples();
    float[] rising = smoothed(points);
    float[] falling = smoothed(reversed, points);
    for (int i = 0; i < rising.length; i++) {
      assertThat(rising[i] + falling[i]).isCloseTo(1, within(1e-6f));
    }
  }

  /** The default is that list to the bit: recorded runs and vectors rest on it. */
  @Test
  void shouldGiveTheSameBitsWhenTheStandardHeightsAreGiven() {
    EightGaussiansReward given =
        new EightGaussiansReward(
            List.of(0.0, 1 / 7.0, 2 / 7.0, 3 / 7.0, 4 / 7.0, 5 / 7.0, 6 / 7.0, 1.0));
    float[] points = new EightGaussians().draw(DRAW, 500).samples();
    assertThat(smoothed(given, points)).containsExactly(smoothed(points));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1",
        "0,0,0,0,0,0,0,0",
        "0,0,0,0,0,0,0,1.1",
        "0,0,0,-0.1,0,0,0,1",
        "0,0,0,NaN,0,0,0,1",
        "0,0,0,0,0,0,0,0,1"
      })
  void shouldRefuseHeightsThatAreNone(String heights) {
    List<Double> numbers = Stream.of(heights.split(",")).map(Double::valueOf).toList();
    assertThatThrownBy(() -> new EightGaussiansReward(numbers))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("got " + numbers + ", expected 8 numbers from 0 to 1, not all 0");
  }

  @Test
  void shouldBeTheLogarithmOfTheSmoothedHeight() {
    float[] points = new EightGaussians().draw(DRAW, 50).samples();
    float[] heights = smoothed(points);
    float[] rewards = evaluate(points).values();
    for (int i = 0; i < heights.length; i++) {
      assertThat(heights[i]).isBetween(0f, 1f);
      assertThat((double) rewards[i]).isCloseTo(Math.log(heights[i]), within(1e-5));
    }
  }

  @Test
  void shouldMeetFiniteDifferences() {
    float[] points = new EightGaussians().draw(DRAW, 50).samples();
    float[] gradients = evaluate(points).gradients();
    BlackBox box = AutogradReward.asBlackBox(REWARD, Device.cpu());
    double step = 1e-6;
    for (int axis = 0; axis < 2; axis++) {
      double[] up = moved(points, axis, step);
      double[] down = moved(points, axis, -step);
      double[] above = box.values(50, up, new float[0]);
      double[] below = box.values(50, down, new float[0]);
      for (int i = 0; i < 50; i++) {
        assertThat((double) gradients[2 * i + axis])
            .isCloseTo((above[i] - below[i]) / (2 * step), within(1e-4));
      }
    }
  }

  private static double[] moved(float[] points, int axis, double by) {
    double[] moved = new double[points.length];
    for (int i = 0; i < moved.length; i++) {
      moved[i] = points[i] + (i % 2 == axis ? by : 0);
    }
    return moved;
  }

  /** Beyond mode 0 nothing is left of the others: R is held at 1e-10, and pulls nowhere. */
  @Test
  void shouldStayFiniteWhenThereIsNoRewardAtAll() {
    RewardModel.Rewards rewards = evaluate(0, 1000);
    assertThat((double) rewards.values()[0]).isCloseTo(Math.log(1e-10), within(1e-4));
    assertThat(rewards.gradients()).containsExactly(0, 0);
  }
}
