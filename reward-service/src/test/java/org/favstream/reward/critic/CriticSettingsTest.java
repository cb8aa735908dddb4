// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.critic;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.favstream.reward.critic.CriticSettings.Aggregation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CriticSettingsTest {

  @ParameterizedTest
  @CsvSource({
    "1, 1, .1, 1, discount 1.0",
    "-.1, 1, .1, 1, discount -0.1",
    ".9, 0, .1, 1, reward-scale 0.0",
    ".9, NaN, .1, 1, reward-scale NaN",
    ".9, 1, 0, 1, target-rate 0.0",
    ".9, 1, 1.1, 1, target-rate 1.1",
    ".9, 1, .1, 0, learning-rate 0.0",
    ".9, 1, .1, Infinity, learning-rate Infinity",
  })
  void shouldRefuseByNameWhatTeachesNothing(
      double discount, double scale, double targetRate, double learningRate, String name) {
    assertThatThrownBy(
            () -> new CriticSettings(discount, scale, targetRate, Aggregation.MEAN, learningRate))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(name);
  }
}
