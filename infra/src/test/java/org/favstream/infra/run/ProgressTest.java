// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import org.favstream.reward.node.RewardEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgressTest {
  private final ByteArrayOutputStream said = new ByteArrayOutputStream();

  @TempDir private Path folder;

  @Test
  void shouldSayThatGroupsWaitAndThatTheyGoOn() {
    Progress progress =
        new Progress(
            new PrintStream(said, true, StandardCharsets.UTF_8),
            false,
            folder.resolve("metrics.jsonl"),
            Clock.systemUTC());
    progress.on(new RewardEvent.Waiting("r@1: no answer"));
    progress.on(new RewardEvent.GoesOn());
    progress.on(new RewardEvent.Refused("r@1: NaN"));
    progress.on(new RewardEvent.Refused("r@1: NaN again"));
    assertThat(said.toString(StandardCharsets.UTF_8).lines())
        .containsExactly(
            "groups wait for their reward, and samplers with them: r@1: no answer",
            "groups are scored again",
            "a group was refused: r@1: NaN (more are counted, see the dead letters)");
  }
}
