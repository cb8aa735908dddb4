// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ControlClockTest {
  private final ControlClock clock = ControlClock.system();

  @Test
  void shouldSayWhetherWorkIsDone() throws Exception {
    CompletableFuture<String> under = new CompletableFuture<>();
    assertThat(clock.await(under, clock.nanos())).isFalse();
    assertThat(clock.await(under, clock.nanos() + 1000)).isFalse();
    for (long until : new long[] {clock.nanos(), ControlClock.NEVER}) {
      assertThat(clock.await(CompletableFuture.completedFuture("well"), until)).isTrue();
      assertThat(
              clock.await(CompletableFuture.failedFuture(new IllegalStateException("bad")), until))
          .isTrue();
    }
  }

  @Test
  void shouldSleepToATimeAndNotForOneThatHasPassed() throws Exception {
    long until = clock.nanos() + 1000;
    clock.sleepUntil(until);
    assertThat(clock.nanos() - until).isNotNegative();
    clock.sleepUntil(until - 1_000_000_000L * 3600);
  }
}
