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
    try (LiveRun.Announced announced = live("r-1").announce(folder)) {
      assertThat(announced.file()).isRegularFile();
      assertThat(LiveRun.read(folder)).hasValue(live("r-1"));
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void shouldNotTakeAKilledRunForALiveOne() throws IOException, RunException {
    Path folder = folder("killed");
    // Larger than any process id.
    Files.writeString(
        folder.resolve("live.json"),
        "{\"run\": \"r-1\", \"pid\": 99999999999, \"controlUrl\": \"%s\"}".formatted(URL));
    assertThat(LiveRun.read(folder)).isEmpty();
  }

  @Test
  void shouldFindTheOnlyRunThatGoesOnAndNameThemWhereThereAreMore()
      throws IOException, RunException {
    assertThatThrownBy(() -> LiveRun.only(runs.resolve("none")))
        .isInstanceOf(RunException.class)
        .hasMessageContainingAll("no run goes on below", "--run", "--url");
    folder("ended");
    try (LiveRun.Announced first = live("r-1").announce(folder("first"))) {
      assertThat(LiveRun.only(runs)).isEqualTo(live("r-1"));
      try (LiveRun.Announced second = live("r-2").announce(folder("second"))) {
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
