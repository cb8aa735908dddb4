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
  private static final String URL = "http://127.0.0.1:4711";

  @TempDir private Path runs;

  private static LiveRun live(String run) {
    return new LiveRun(run, "127.0.0.1:9092", ProcessHandle.current().pid(), URL);
  }

  private Path folder(String name) throws IOException {
    return Files.createDirectories(runs.resolve(name));
  }

  @Test
  void shouldBeThereForAsLongAsTheRunGoesOn() throws IOException, RunException {
    Path folder = folder("first");
    assertThat(LiveRun.read(folder)).isEmpty();
    try (FileChannel held = RunFolder.lock(folder)) {
      assertThat(held.isOpen()).isTrue();
      try (LiveRun.Announced announced = live("r-1").announce(folder)) {
        assertThat(announced.file()).isRegularFile();
        assertThat(LiveRun.read(folder)).hasValue(live("r-1"));
      }
      assertThat(LiveRun.read(folder)).isEmpty();
    }
  }

  @Test
  void shouldNotTakeAKilledRunForALiveOne() throws IOException, RunException {
    Path folder = folder("killed");
    try (LiveRun.Announced announced = live("r-1").announce(folder)) {
      assertThat(announced.file()).exists();
      assertThat(LiveRun.read(folder)).describedAs("nobody holds the folder").isEmpty();
    }
  }

  @Test
  void shouldPassOverWhatItDoesNotKnow() throws IOException, RunException {
    Path folder = folder("later");
    Files.writeString(
        folder.resolve("live.json"),
        "{\"run\": \"r\", \"bootstrapServers\": \"k:1\", \"pid\": 7, \"later\": {\"a\": 1}}");
    try (FileChannel held = RunFolder.lock(folder)) {
      assertThat(held.isOpen()).isTrue();
      assertThat(LiveRun.read(folder)).contains(new LiveRun("r", "k:1", 7, ""));
    }
  }

  @Test
  void shouldFindTheOnlyRunThatGoesOnAndNameThemWhereThereAreMore()
      throws IOException, RunException {
    assertThatThrownBy(() -> LiveRun.only(runs.resolve("none")))
        .isInstanceOf(RunException.class)
        .hasMessageContainingAll("no run goes on below", "--run", "--url");
    folder("ended");
    try (FileChannel held = RunFolder.lock(folder("first"));
        LiveRun.Announced first = live("r-1").announce(folder("first"))) {
      assertThat(held.isOpen()).isTrue();
      assertThat(LiveRun.only(runs)).isEqualTo(live("r-1"));
      try (FileChannel other = RunFolder.lock(folder("second"));
          LiveRun.Announced second = live("r-2").announce(folder("second"))) {
        assertThat(other.isOpen()).isTrue();
        assertThatThrownBy(() -> LiveRun.only(runs))
            .isInstanceOf(RunException.class)
            .hasMessageContainingAll("2 runs go on", "first", "second", "--run");
      }
    }
    assertThatThrownBy(() -> LiveRun.only(runs)).hasMessageContaining("no run goes on below");
  }

  @Test
  void shouldNameAFileThatCannotBeRead() throws IOException {
    Path folder = folder("broken");
    Files.writeString(folder.resolve("live.json"), "{");
    assertThatThrownBy(() -> LiveRun.read(folder))
        .isInstanceOf(RunException.class)
        .hasMessageContaining("live.json");
  }
}
