// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveRunTest {
  @TempDir private Path folder;

  @Test
  void shouldBeFoundWhileTheRunGoesOn() throws RunException {
    LiveRun live = new LiveRun("r-1", "127.0.0.1:9092", ProcessHandle.current().pid());
    assertThat(LiveRun.read(folder)).isEmpty();
    try (LiveRun.Announced announced = live.announce(folder)) {
      assertThat(announced.file()).exists();
      assertThat(LiveRun.read(folder)).contains(live);
    }
    assertThat(LiveRun.read(folder)).isEmpty();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void shouldNotBeFoundWhenItsProcessWasKilled()
      throws RunException, IOException, InterruptedException {
    Process gone =
        new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    gone.waitFor();
    try (LiveRun.Announced announced = new LiveRun("r", "k:1", gone.pid()).announce(folder)) {
      assertThat(announced.file()).exists();
      assertThat(LiveRun.read(folder)).isEmpty();
    }
  }

  @Test
  void shouldPassOverWhatItDoesNotKnow() throws RunException, IOException {
    long pid = ProcessHandle.current().pid();
    Files.writeString(
        folder.resolve("live.json"),
        "{\"run\": \"r\", \"bootstrapServers\": \"k:1\", \"pid\": %d, \"later\": {\"a\": 1}}"
            .formatted(pid));
    assertThat(LiveRun.read(folder)).contains(new LiveRun("r", "k:1", pid));
  }

  @Test
  void shouldNameAFileThatCannotBeRead() throws IOException {
    Files.writeString(folder.resolve("live.json"), "{");
    assertThatThrownBy(() -> LiveRun.read(folder))
        .isInstanceOf(RunException.class)
        .hasMessageContaining("live.json");
  }
}
