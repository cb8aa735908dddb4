// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.run;

import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
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

  /** A run of its own process: says so, and goes on until its input ends. */
  static final class OtherProcess {
    public static void main(String[] args) throws IOException, RunException {
      try (LiveRun.Announced announced = live(args[0]).announce(Path.of(args[1]))) {
        System.out.println(announced.file());
        System.out.flush();
        int unused = System.in.read();
      }
    }

    private OtherProcess() {}

    /** Returns once it has said so. */
    static Process start(String run, Path folder) throws IOException {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  OtherProcess.class.getName(),
                  run,
                  folder.toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      assertThat(process.inputReader().readLine()).endsWith("live.json");
      return process;
    }
  }

  @Test
  void shouldBeThereForAsLongAsTheRunGoesOn() throws IOException, RunException {
    Path folder = folder("first");
    assertThat(LiveRun.read(folder)).isEmpty();
    try (LiveRun.Announced announced = live("r-1").announce(folder)) {
      assertThat(announced.file()).isRegularFile();
      assertThat(LiveRun.read(folder)).hasValue(live("r-1"));
    }
    assertThat(LiveRun.read(folder)).isEmpty();
  }

  @Test
  void shouldNotTakeAKilledRunForALiveOneWhoeverReadsItsFolder()
      throws IOException, RunException, InterruptedException {
    Path folder = folder("killed");
    Process run = OtherProcess.start("r-1", folder);
    assertThat(LiveRun.read(folder)).map(LiveRun::run).contains("r-1");
    assertThat(LiveRun.read(folder)).map(LiveRun::pid).contains(run.pid());
    run.destroyForcibly().waitFor();
    try (FileChannel reader = RunFolder.lock(folder)) {
      assertThat(reader.isOpen()).isTrue();
      assertThat(folder.resolve("live.json")).exists();
      assertThat(LiveRun.read(folder)).isEmpty();
    }
    try (LiveRun.Announced resumed = live("r-1").announce(folder)) {
      assertThat(resumed.file()).exists();
      assertThat(LiveRun.read(folder)).contains(live("r-1"));
    }
  }

  @Test
  void shouldKeepNobodyFromStartingARun() throws IOException, RunException {
    Path folder = folder("left behind");
    Files.writeString(folder.resolve("live.json"), "{\"run\": \"r\", \"pid\": 7}");
    assertThat(LiveRun.read(folder)).isEmpty();
    assertThat(folder.resolve("lock")).describedAs("what a run takes").doesNotExist();
  }

  @Test
  void shouldSeeTheSameWhenSeveralLookAtOnce()
      throws IOException, InterruptedException, ExecutionException {
    Path folder = folder("left behind");
    Files.writeString(folder.resolve("live.json"), "{\"run\": \"r\", \"pid\": 7}");
    ExecutorService readers = Executors.newFixedThreadPool(4);
    Callable<Optional<LiveRun>> look = () -> LiveRun.read(folder);
    for (Future<Optional<LiveRun>> one : readers.invokeAll(Collections.nCopies(400, look))) {
      assertThat(one.get()).isEmpty();
    }
    readers.shutdown();
  }

  @Test
  void shouldBeSeenFromTheSameProcessWhileItIsAnnounced() throws Exception {
    Path folder = folder("coming and going");
    ExecutorService readers = Executors.newFixedThreadPool(4);
    CountDownLatch seen = new CountDownLatch(1);
    AtomicBoolean over = new AtomicBoolean();
    Callable<Void> look =
        () -> {
          while (!over.get()) {
            LiveRun.read(folder).ifPresent(run -> seen.countDown());
          }
          return null;
        };
    List<Future<Void>> looked = Stream.generate(() -> readers.submit(look)).limit(4).toList();
    for (int i = 0; i < 500; i++) {
      try (LiveRun.Announced announced = live("r-1").announce(folder)) {
        assertThat(announced.locked().isOpen()).isTrue();
      }
    }
    try (LiveRun.Announced announced = live("r-1").announce(folder)) {
      assertThat(seen.await(1, MINUTES)).describedAs("seen %s", announced.file()).isTrue();
    }
    over.set(true);
    for (Future<Void> one : looked) {
      one.get();
    }
    readers.shutdown();
  }

  @Test
  void shouldPassOverWhatItDoesNotKnow() throws IOException, RunException, InterruptedException {
    Path folder = folder("later");
    Process run = OtherProcess.start("r", folder);
    Files.writeString(
        folder.resolve("live.json"), // in place: what is locked is the file, whatever it is called
        "{\"run\": \"r\", \"bootstrapServers\": \"k:1\", \"pid\": 7, \"later\": {\"a\": 1}}");
    assertThat(LiveRun.read(folder)).contains(new LiveRun("r", "k:1", 7, ""));
    run.outputWriter().close();
    assertThat(run.waitFor()).isZero();
    assertThat(folder.resolve("live.json")).doesNotExist();
  }

  @Test
  void shouldFindTheOnlyRunThatGoesOnAndNameThemWhereThereAreMore()
      throws IOException, RunException {
    assertThatThrownBy(() -> LiveRun.only(runs.resolve("none")))
        .isInstanceOf(RunException.class)
        .hasMessageContainingAll("no run goes on below", "--run", "--url");
    folder("ended");
    try (LiveRun.Announced first = live("r-1").announce(folder("first"))) {
      assertThat(first.file()).exists();
      assertThat(LiveRun.only(runs)).isEqualTo(live("r-1"));
      try (LiveRun.Announced second = live("r-2").announce(folder("second"))) {
        assertThat(second.file()).exists();
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
