// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.favstream.reward.critic.ReplayBuffer.Batch;
import org.junit.jupiter.api.Test;

/** States -1 and 1; the action is what it is worth there, plus 2 in the latter. */
class ImplicitQTest {
  private static final int ROWS = 256;

  /** What was done is worth, by two critics of which now one and now the other says 1 more. */
  private static float[] twins(Batch batch) {
    float[] twins = new float[2 * ROWS];
    for (int row = 0; row < ROWS; row++) {
      twins[row] = worth(batch, row) + row % 2;
      twins[ROWS + row] = worth(batch, row) + 1 - row % 2;
    }
    return twins;
  }

  private static float worth(Batch batch, int row) {
    return batch.actions()[row] + (batch.observations()[row] > 0 ? 2 : 0);
  }

  /** Actions are uniform in [0, 1]; from each state one comes to the other. */
  private static Batch batch(Random random) {
    Batch batch =
        new Batch(
            ROWS,
            new float[ROWS],
            new float[ROWS],
            new float[ROWS],
            new float[ROWS],
            new float[ROWS]);
    for (int row = 0; row < ROWS; row++) {
      batch.observations()[row] = random.nextBoolean() ? 1 : -1;
      batch.nextObservations()[row] = -batch.observations()[row];
      batch.actions()[row] = random.nextFloat();
    }
    return batch;
  }

  private static ImplicitQ values(Function<Batch, float[]> critics, double expectile) {
    return new ImplicitQ(critics, 1, List.of(16, 16), expectile, 3e-3, 1, Device.cpu());
  }

  /** Where {@code τ (1 - m)² = (1 - τ) m²}. */
  private static double expectileOfUniform(double expectile) {
    double above = Math.sqrt(expectile);
    return above / (above + Math.sqrt(1 - expectile));
  }

  @Test
  void shouldHaveTheSlopeOfTheExpectileLoss() {
    double h = 1e-6;
    for (double expectile : new double[] {0.1, 0.5, 0.7, 0.9}) {
      for (double u : new double[] {-3, -0.2, 0.2, 3}) {
        double numeric = (loss(u - h, expectile) - loss(u + h, expectile)) / (2 * h);
        assertThat(ImplicitQ.slope(u, expectile)).isCloseTo(numeric, within(1e-6));
      }
    }
    assertThat(ImplicitQ.slope(2, 0.7)).isCloseTo(-2.8, within(1e-12)); // by hand
    assertThat(ImplicitQ.slope(-2, 0.7)).isCloseTo(1.2, within(1e-12));
  }

  private static double loss(double u, double expectile) {
    return (u < 0 ? 1 - expectile : expectile) * u * u;
  }

  @Test
  void shouldComeToTheExpectileOfWhatWasDoneInEachState() {
    for (double expectile : new double[] {0.5, 0.7, 0.9}) {
      Random random = new Random(1);
      try (ImplicitQ values = values(ImplicitQTest::twins, expectile)) {
        for (int step = 0; step < 600; step++) {
          values.nextValues(batch(random));
        }
        double expected = expectileOfUniform(expectile);
        float[] got = values.values(new float[] {-1, 1});
        assertThat((double) got[0]).isCloseTo(expected, within(0.04));
        assertThat((double) got[1]).isCloseTo(2 + expected, within(0.04));
      }
    }
  }

  @Test
  void shouldGiveTheValuesOfWhatComesNextAfterItsStep() {
    Batch batch = batch(new Random(1));
    try (ImplicitQ values = values(ImplicitQTest::twins, 0.7)) {
      float[] before = values.values(batch.nextObservations());
      float[] next = values.nextValues(batch);
      assertThat(next)
          .containsExactly(values.values(batch.nextObservations()))
          .isNotEqualTo(before);
    }
  }

  @Test
  void shouldTakeTheValueFromTheLesserOfBothCritics() {
    Batch batch = batch(new Random(1));
    try (ImplicitQ values = values(ImplicitQTest::twins, 0.7)) {
      float[] advantages = values.advantages(batch);
      float[] of = values.values(batch.observations());
      for (int row = 0; row < ROWS; row++) {
        assertThat(advantages[row]).isCloseTo(worth(batch, row) - of[row], within(1e-5f));
      }
    }
  }

  @Test
  void shouldRefuseAnExpectileThatIsNone() {
    assertThatThrownBy(() -> values(ImplicitQTest::twins, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("IQL: expectile 1.0: expected above 0 and less than 1");
  }
}
