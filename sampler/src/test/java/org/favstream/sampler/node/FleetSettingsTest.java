// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.List;
import org.favstream.actors.config.ConfigurationException;
import org.favstream.actors.config.JobConfig;
import org.favstream.sampler.fleet.EpisodeSettings;
import org.favstream.sampler.fleet.EpisodeSettings.OnMissedDeadline;
import org.junit.jupiter.api.Test;

class FleetSettingsTest {
  private static FleetSettings of(String... overrides) {
    return JobConfig.complete(ConfigFactory.empty(), List.of(overrides)).read(FleetSettings::of);
  }

  @Test
  void shouldStopAnArmAndTakeItsTimeByDefault() {
    assertThat(of())
        .isEqualTo(
            new FleetSettings(
                1,
                new EpisodeSettings(50, Duration.ZERO, OnMissedDeadline.ZERO),
                List.of(),
                0,
                "cpu"));
  }

  @Test
  void shouldReadTheSectionOfAJob() {
    assertThat(
            of(
                "fleet.workers=4",
                "fleet.control-period=20ms",
                "fleet.on-missed-deadline=hold",
                "fleet.segment=10",
                "fleet.begin-at-step=8000",
                "fleet.device=auto"))
        .isEqualTo(
            new FleetSettings(
                4,
                new EpisodeSettings(10, Duration.ofMillis(20), OnMissedDeadline.HOLD),
                List.of(),
                8000,
                "auto"));
  }

  @Test
  void shouldGiveEachWorkerItsOwnControlPeriodWhereTheyDiffer() {
    FleetSettings mixed = of("fleet.workers=4", "fleet.control-periods=[10ms,100ms]");
    assertThat(mixed.ofWorker(0).episodes().controlPeriod()).isEqualTo(Duration.ofMillis(10));
    assertThat(mixed.ofWorker(3).episodes().controlPeriod()).isEqualTo(Duration.ofMillis(100));
    FleetSettings alike = of("fleet.control-period=20ms");
    assertThat(alike.ofWorker(3).episodes().controlPeriod()).isEqualTo(Duration.ofMillis(20));
  }

  @Test
  void shouldNameAValueThatCannotBe() {
    assertRefused("fleet.workers=0", "workers 0");
    assertRefused("fleet.workers=257", "workers 257");
    assertRefused("fleet.begin-at-step=-1", "begin-at-step -1");
    assertRefused("fleet.segment=0", "segment 0");
    assertRefused("fleet.control-period=-1s", "control-period");
    assertRefused("fleet.on-missed-deadline=wave", "'wave', expected one of zero, hold");
  }

  private static void assertRefused(String override, String named) {
    assertThatThrownBy(() -> of(override))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(named);
  }
}
