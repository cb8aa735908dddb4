// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveRunTest {
  @TempDir private Path folder;

  @Test
  void shouldBeFoundWhileTheRunGoesOn() throws Exception {
    LiveRun live = new LiveRun("r-1", "127.0.0.1:9092", 7);
    assertThat(LiveRun.read(folder)).isEmpty();
    try (FileChannel held = RunFolder.lock(folder)) {
      assertThat(held.isOpen()).isTrue();
      try (LiveRun.Announced announced = live.announce(folder)) {
        assertThat(announced.file()).exists();
        assertThat(LiveRun.read(folder)).contains(live);
      }
      assertThat(LiveRun.read(folder)).isEmpty();
    }
  }

  @Test
  void shouldNotBeFoundWhenItsProcessWasKilled() throws Exception {
    try (LiveRun.Announced announced = new LiveRun("r", "k:1", 7).announce(folder)) {
      assertThat(announced.file()).exists();
      assertThat(LiveRun.read(folder)).describedAs("nobody holds the folder").isEmpty();
    }
  }

  @Test
  void shouldPassOverWhatItDoesNotKnow() throws Exception {
    Files.writeString(
        folder.resolve("live.json"),
        "{\"run\": \"r\", \"bootstrapServers\": \"k:1\", \"pid\": 7, \"later\": {\"a\": 1}}");
    try (FileChannel held = RunFolder.lock(folder)) {
      assertThat(held.isOpen()).isTrue();
      assertThat(LiveRun.read(folder)).contains(new LiveRun("r", "k:1", 7));
    }
  }

  @Test
  void shouldNameAFileThatCannotBeRead() throws IOException {
    Files.writeString(folder.resolve("live.json"), "{");
    assertThatThrownBy(() -> LiveRun.read(folder))
        .isInstanceOf(RunException.class)
        .hasMessageContaining("live.json");
  }
}
