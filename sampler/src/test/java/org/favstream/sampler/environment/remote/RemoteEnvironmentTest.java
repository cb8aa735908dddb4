// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.environment.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.favstream.sampler.environment.remote.FakeServer.BEGUN;
import static org.favstream.sampler.environment.remote.FakeServer.STEPPED;
import static org.favstream.sampler.environment.remote.FakeServer.WELCOME;
import static org.favstream.sampler.environment.remote.FakeServer.numbers;
import static org.favstream.sampler.environment.remote.FakeServer.stepped;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.favstream.protocol.EnvironmentReply;
import org.favstream.sampler.environment.Environment.Spec;
import org.favstream.sampler.environment.Environment.Step;
import org.favstream.sampler.environment.EnvironmentException;
import org.favstream.sampler.environment.EnvironmentSession;
import org.favstream.sampler.environment.remote.FakeServer.Script;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteEnvironmentTest {
  private static final Spec FAKE = new Spec("fake", 2, 1, 2);
  private static final Duration LONG = Duration.ofMinutes(1);

  /** For answers that never come. */
  private static final Duration SHORT = Duration.ofMillis(50);

  private static final RemoteEnvironment.Settings PATIENT =
      new RemoteEnvironment.Settings(LONG, LONG, Optional.of(FAKE));
  private static final RemoteEnvironment.Settings IMPATIENT =
      new RemoteEnvironment.Settings(LONG, SHORT, Optional.of(FAKE));

  @Test
  void shouldGiveWhatTheServerAnswers() throws Exception {
    EnvironmentReply ends =
        new EnvironmentReply.Stepped(
            numbers(5, 6, 7, 8), numbers(0, 1), List.of(true, false), List.of(false, true));
    try (FakeServer server =
            new FakeServer(
                client -> {
                  client.answers(WELCOME);
                  client.answers(BEGUN);
                  client.answers(BEGUN);
                  client.answers(ends);
                  client.keepsSilent();
                });
        RemoteEnvironment environment = RemoteEnvironment.connect(server.address(), PATIENT)) {
      assertThat(environment.spec()).isEqualTo(FAKE);
      assertThat(environment.reset(0, -1)).containsExactly(1, 2);
      environment.reset(1, 7);
      Step step = environment.step(new float[] {0.5f, -1});
      assertThat(step.observations()).containsExactly(5, 6, 7, 8);
      assertThat(step.rewards()).containsExactly(0, 1);
      assertThat(step.terminated()).containsExactly(true, false);
      assertThat(step.truncated()).containsExactly(false, true);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrongHellos")
  void shouldRefuseByNameAServerThatIsNotAsExpected(String said, Script hello) throws Exception {
    try (FakeServer server = new FakeServer(hello)) {
      assertThatThrownBy(() -> RemoteEnvironment.connect(server.address(), PATIENT))
          .isInstanceOf(EnvironmentException.class)
          .hasMessageStartingWith("environment at " + server.address() + ": hello: ")
          .hasMessageContaining(said);
    }
  }

  static Stream<Object> wrongHellos() {
    return Stream.of(
        arguments(
            "it speaks version 2 of the protocol, expected 1",
            answering(new EnvironmentReply.Welcome(2, "fake", 2, 1, 2))),
        arguments(
            "it is Spec[name=fake, observationSize=3, actionSize=1, copies=2],"
                + " expected Spec[name=fake, observationSize=2, actionSize=1, copies=2]",
            answering(new EnvironmentReply.Welcome(1, "fake", 3, 1, 2))),
        arguments("name=other", answering(new EnvironmentReply.Welcome(1, "other", 2, 1, 2))),
        arguments("0 copies", answering(new EnvironmentReply.Welcome(1, "fake", 2, 1, 0))),
        arguments(
            "does not go into messages",
            answering(new EnvironmentReply.Welcome(1, "fake", 1 << 30, 1, 1 << 30))),
        arguments(
            "refused: only on Mondays", answering(new EnvironmentReply.Refused("only on Mondays"))),
        arguments("it answered 'begun', expected 'welcome'", answering(BEGUN)),
        arguments(
            "a frame of 1213486160 bytes", // it speaks HTTP
            (Script)
                client -> {
                  client.hears();
                  client.out().write("HTTP/1.1 400\r\n\r\n".getBytes(StandardCharsets.UTF_8));
                }));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrongSteps")
  void shouldRefuseByNameAWrongAnswerAndTakeNoOther(String said, Script answer) throws Exception {
    Script script =
        client -> {
          client.answers(WELCOME);
          client.answers(BEGUN);
          client.answers(BEGUN);
          answer.play(client);
          client.keepsSilent();
        };
    try (FakeServer server = new FakeServer(script);
        RemoteEnvironment environment = RemoteEnvironment.connect(server.address(), PATIENT)) {
      environment.reset(0, 1);
      environment.reset(1, 2);
      assertThatThrownBy(() -> environment.step(new float[2]))
          .isInstanceOf(EnvironmentException.class)
          .hasMessage("environment at %s: step: %s", server.address(), said);
      assertThatThrownBy(() -> environment.reset(0, 1))
          .isInstanceOf(EnvironmentException.class)
          .hasMessageContaining("its connection was closed");
    }
  }

  static Stream<Object> wrongSteps() {
    return Stream.of(
        arguments(
            "observations: got 3 numbers, expected 4 for " + FAKE,
            answering(stepped(numbers(1, 2, 3), numbers(1, 2)))),
        arguments(
            "rewards: got 1 numbers, expected 2 for " + FAKE,
            answering(stepped(numbers(1, 2, 3, 4), numbers(1)))),
        arguments(
            "terminated: got 0 numbers, expected 2 for " + FAKE,
            answering(
                new EnvironmentReply.Stepped(
                    numbers(1, 2, 3, 4), numbers(1, 2), List.of(), List.of(true, true)))),
        arguments(
            "observations[2] is NaN, expected a finite number",
            answering(stepped(numbers(1, 2, Float.NaN, 4), numbers(1, 2)))),
        arguments(
            "rewards[0] is Infinity, expected a finite number",
            answering(stepped(numbers(1, 2, 3, 4), numbers(Float.POSITIVE_INFINITY, 2)))),
        arguments("it answered 'begun', expected 'stepped'", answering(BEGUN)),
        arguments(
            "an unsound environment reply: it answers nothing",
            (Script)
                client -> {
                  client.hears();
                  client.saysBytes(new byte[0]);
                }),
        arguments(
            "3 bytes that are no environment reply: Protocol message contained an invalid tag"
                + " (zero).",
            (Script)
                client -> {
                  client.hears();
                  client.saysBytes(new byte[3]);
                }),
        arguments(
            "the other end closed the connection",
            (Script)
                client -> {
                  client.hears();
                  client.out().writeShort(0); // half a frame
                  client.out().close();
                }));
  }

  private static Script answering(EnvironmentReply reply) {
    return client -> client.answers(reply);
  }

  @Test
  void shouldRefuseByNameAnEnvironmentThatNeverAnswers() throws Exception {
    Script silent =
        client -> {
          client.answers(WELCOME);
          client.keepsSilent();
        };
    try (FakeServer server = new FakeServer(silent);
        RemoteEnvironment environment = RemoteEnvironment.connect(server.address(), IMPATIENT)) {
      assertThatThrownBy(() -> environment.reset(0, 1))
          .isInstanceOf(EnvironmentException.class)
          .hasMessage("environment at %s: reset: nothing came within 50 ms", server.address());
    }
  }

  @Test
  void shouldNeverTakeALateAnswer() throws Exception {
    CountDownLatch givenUp = new CountDownLatch(1);
    Script late =
        client -> {
          client.answers(WELCOME);
          client.hears();
          givenUp.await();
          client.says(BEGUN);
          client.keepsSilent();
        };
    try (FakeServer server = new FakeServer(late);
        RemoteEnvironment environment = RemoteEnvironment.connect(server.address(), IMPATIENT)) {
      assertThatThrownBy(() -> environment.reset(0, 1)).hasMessageContaining("nothing came");
      givenUp.countDown();
      assertThatThrownBy(() -> environment.reset(1, 1))
          .hasMessageContaining("its connection was closed");
    }
  }

  @Test
  void shouldNameTheAddressWhereNobodyListens() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    assertThatThrownBy(() -> RemoteEnvironment.connect("127.0.0.1:" + port, PATIENT))
        .isInstanceOf(EnvironmentException.class)
        .hasMessageContaining(
            "environment at 127.0.0.1:" + port + ": connect: nobody listens there");
    assertThatThrownBy(() -> RemoteEnvironment.connect("no-such-host.invalid:7000", PATIENT))
        .isInstanceOf(EnvironmentException.class)
        .hasMessage("environment at no-such-host.invalid:7000: connect: there is no such host");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "localhost", "localhost:", ":7000", "localhost:0", "localhost:70000"})
  void shouldNameAnAddressThatIsNone(String address) {
    assertThatThrownBy(() -> RemoteEnvironment.connect(address, PATIENT))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'%s' is no address of an environment, expected HOST:PORT", address);
  }

  @Test
  void shouldRefuseWhatACallerMustNotDo() throws Exception {
    Script sound =
        client -> {
          client.answers(WELCOME);
          client.answers(BEGUN);
          client.answers(BEGUN);
          client.answers(STEPPED);
          client.keepsSilent();
        };
    try (FakeServer server = new FakeServer(sound);
        RemoteEnvironment environment = RemoteEnvironment.connect(server.address(), PATIENT)) {
      environment.reset(0, 1);
      assertThatThrownBy(() -> environment.step(new float[2]))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("copy 1 has no episode");
      assertThatThrownBy(() -> environment.reset(2, 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> environment.step(new float[3]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected 2 x 1 finite numbers");
      assertThatThrownBy(() -> environment.step(new float[] {0, Float.NaN}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("NaN");
      environment.reset(1, 1); // and it goes on
      assertThat(environment.step(new float[2]).rewards()).containsExactly(-1, -2);
    }
  }

  @Test
  void shouldEndAtOnceWhenItsThreadIsInterrupted() throws Exception {
    Script silent =
        client -> {
          client.answers(WELCOME);
          client.keepsSilent();
        };
    try (FakeServer server = new FakeServer(silent);
        RemoteEnvironment environment = RemoteEnvironment.connect(server.address(), PATIENT)) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> environment.reset(0, 1))
          .isInstanceOf(EnvironmentException.class)
          .hasMessageContaining("reset: interrupted");
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void shouldGoOnInASessionWhenTheServerCrashesAndComesBack() throws Exception {
    Script crashes =
        client -> {
          client.answers(WELCOME);
          client.answers(BEGUN);
          client.answers(BEGUN);
          client.hears();
        };
    Script sound =
        client -> {
          client.answers(WELCOME);
          client.answers(BEGUN);
          client.answers(BEGUN);
          client.answers(STEPPED);
          client.keepsSilent();
        };
    try (FakeServer server = new FakeServer(crashes, sound);
        EnvironmentSession session =
            new EnvironmentSession(
                () -> RemoteEnvironment.connect(server.address(), PATIENT),
                new EnvironmentSession.Backoff(LONG, LONG))) {
      session.reset(0, 1);
      session.reset(1, 1);
      assertThat(session.step(new float[2]))
          .isEqualTo(
              new EnvironmentSession.Lost<>(
                  "environment at %s: step: the other end closed the connection"
                      .formatted(server.address()),
                  1,
                  LONG));
      session.reset(0, 1);
      session.reset(1, 1);
      assertThat(session.step(new float[2])).isInstanceOf(EnvironmentSession.Done.class);
    }
  }
}
