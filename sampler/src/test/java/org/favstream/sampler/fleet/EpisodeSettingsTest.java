// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.favstream.sampler.fleet.EpisodeSettings.OnMissedDeadline;
import org.junit.jupiter.api.Test;

class EpisodeSettingsTest {

  @Test
  void shouldRefuseASegmentOrAPeriodThatIsNone() {
    for (int segment : new int[] {0, 10_001}) {
      assertThatThrownBy(() -> new EpisodeSettings(segment, Duration.ZERO, OnMissedDeadline.ZERO))
          .hasMessageContaining("segment %d must be 1 to 10000", segment);
    }
    assertThatThrownBy(() -> new EpisodeSettings(50, Duration.ofMillis(-1), OnMissedDeadline.ZERO))
        .hasMessageContaining("control-period PT-0.001S");
  }

  @Test
  void shouldBeInRealTimeWhenThereIsAPeriod() {
    assertThat(new EpisodeSettings(1, Duration.ZERO, OnMissedDeadline.ZERO).inRealTime()).isFalse();
    assertThat(new EpisodeSettings(1, Duration.ofNanos(1), OnMissedDeadline.HOLD).inRealTime())
        .isTrue();
  }
}
