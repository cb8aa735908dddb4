// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.environment.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.favstream.sampler.environment.EnvironmentException;
import org.favstream.sampler.environment.EnvironmentSession;
import org.favstream.sampler.environment.PointMass;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpawnedEnvironmentTest {
  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin/java").toString();
  private static final List<String> SERVER =
      List.of(
          JAVA,
          "-XX:TieredStopAtLevel=1",
          "-cp",
          System.getProperty("java.class.path"),
          SpawnedServer.class.getName());
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final RemoteEnvironment.Settings SETTINGS =
      new RemoteEnvironment.Settings(LONG, LONG, Optional.empty());

  @TempDir private Path folder;
  private Path log;

  @BeforeEach
  void name() {
    log = folder.resolve("environment.log");
  }

  @Test
  void shouldStartAnotherServerInASessionWhenItsServerIsKilled() throws Exception {
    List<SpawnedEnvironment> started = new ArrayList<>();
    try (EnvironmentSession session =
        new EnvironmentSession(
            () -> {
              started.add(SpawnedEnvironment.start(SERVER, log, SETTINGS));
              return started.get(started.size() - 1);
            },
            new EnvironmentSession.Backoff(LONG, LONG))) {
      assertThat(session.reset(0, 3)).isInstanceOf(EnvironmentSession.Done.class);
      ProcessHandle server = ProcessHandle.of(started.get(0).pid()).orElseThrow();
      server.destroyForcibly();
      server.onExit().join();
      EnvironmentSession.Lost<?> lost = (EnvironmentSession.Lost<?>) session.step(new float[] {1});
      assertThat(lost.reason()).contains("environment at 127.0.0.1:", "its log is " + log);

      assertThat(session.reset(0, 3))
          .usingRecursiveComparison()
          .isEqualTo(new EnvironmentSession.Done<>(new PointMass(1).reset(0, 3)));
      assertThat(started).hasSize(2);
    }
    assertThat(ProcessHandle.of(started.get(1).pid()).map(ProcessHandle::isAlive).orElse(false))
        .isFalse();
    assertThat(log).content().contains("starting");
  }

  @Test
  void shouldNameTheCommandThatIsNotThere() {
    assertThatThrownBy(() -> SpawnedEnvironment.start(List.of("no-such-arm", "-v"), log, SETTINGS))
        .isInstanceOf(EnvironmentException.class)
        .hasMessageStartingWith("environment 'no-such-arm -v': ");
  }

  @Test
  void shouldNameTheCommandThatEndsBeforeItListens() {
    assertThatThrownBy(() -> SpawnedEnvironment.start(List.of(JAVA, "no.such.Main"), log, SETTINGS))
        .isInstanceOf(EnvironmentException.class)
        .hasMessageContaining("no.such.Main': it ended before it listened; its log is " + log);
    assertThat(log).content().contains("no.such.Main");
  }

  @Test
  void shouldNameTheCommandThatSaysSomethingElse() {
    assertThatThrownBy(() -> SpawnedEnvironment.start(List.of(JAVA, "--version"), log, SETTINGS))
        .isInstanceOf(EnvironmentException.class)
        .hasMessageContaining("it said '")
        .hasMessageContaining("expected 'listening on HOST:PORT'");
  }
}
