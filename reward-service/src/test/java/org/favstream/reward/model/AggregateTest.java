// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.favstream.reward.model.Aggregate.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AggregateTest {

  @Test
  void shouldReadWhatItWrites() {
    assertThat(Aggregate.parse("mean")).isEqualTo(new Aggregate(Kind.MEAN, 0));
    assertThat(Aggregate.parse("min")).isEqualTo(new Aggregate(Kind.MIN, 0));
    assertThat(Aggregate.parse("lcb:1.5")).isEqualTo(new Aggregate(Kind.LCB, 1.5));
    for (String text : new String[] {"mean", "min", "lcb:0.0", "lcb:1.5"}) {
      assertThat(Aggregate.parse(text)).hasToString(text);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "max",
        "MEAN",
        "mean:1",
        "lcb",
        "lcb:",
        "lcb:-1",
        "lcb:x",
        "lcb:NaN",
        "lcb:1e999"
      })
  void shouldSayWhatThereIsWhenItIsNone(String text) {
    assertThatThrownBy(() -> Aggregate.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("got '" + text + "', expected mean, min, or lcb:K");
  }

  @Test
  void shouldRefuseACautionOfNoBound() {
    assertThatThrownBy(() -> new Aggregate(Kind.MEAN, 1)).hasMessageContaining("caution 1.0");
    assertThatThrownBy(() -> new Aggregate(Kind.LCB, -1)).hasMessageContaining("caution -1.0");
  }
}
