// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.environment.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.favstream.sampler.environment.remote.FakeServer.numbers;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.favstream.protocol.Codec;
import org.favstream.protocol.EnvironmentReply;
import org.favstream.protocol.EnvironmentRequest;
import org.favstream.protocol.MalformedRecordException;
import org.favstream.sampler.environment.Environment.Step;
import org.favstream.sampler.environment.EnvironmentException;
import org.favstream.sampler.environment.PointMass;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EnvironmentServerTest {
  private static final int COPIES = 3;
  private static final RemoteEnvironment.Settings SETTINGS =
      new RemoteEnvironment.Settings(
          Duration.ofMinutes(1), Duration.ofMinutes(1), Optional.empty());
  private static final EnvironmentRequest HELLO = new EnvironmentRequest.Hello(1);

  private EnvironmentServer server;

  @BeforeEach
  void start() throws EnvironmentException {
    server = EnvironmentServer.start(() -> new PointMass(COPIES), 0);
  }

  @AfterEach
  void end() {
    server.close();
  }

  @Test
  void shouldServeWhatTheEnvironmentItselfGivesOverWholeEpisodes() throws Exception {
    PointMass itself = new PointMass(COPIES);
    try (RemoteEnvironment remote = RemoteEnvironment.connect(server.address(), SETTINGS)) {
      assertThat(remote.spec()).isEqualTo(itself.spec());
      for (int copy = 0; copy < COPIES; copy++) {
        assertThat(remote.reset(copy, copy)).isEqualTo(itself.reset(copy, copy));
      }
      float[] actions = {1, -0.25f, 7};
      for (int i = 0; i < 300; i++) {
        Step got = remote.step(actions);
        Step expected = itself.step(actions);
        assertThat(got).usingRecursiveComparison().isEqualTo(expected);
        for (int copy = 0; copy < COPIES; copy++) {
          if (got.ended(copy)) {
            assertThat(remote.reset(copy, i)).isEqualTo(itself.reset(copy, i));
          }
        }
      }
    }
  }

  @Test
  void shouldGiveEachConnectionAnEnvironmentOfItsOwn() throws Exception {
    try (RemoteEnvironment one = RemoteEnvironment.connect(server.address(), SETTINGS);
        RemoteEnvironment other = RemoteEnvironment.connect(server.address(), SETTINGS)) {
      for (int copy = 0; copy < COPIES; copy++) {
        one.reset(copy, 1);
        other.reset(copy, 1);
      }
      float[] actions = {1, 1, 1};
      one.step(actions);
      Step second = one.step(actions);
      other.step(actions);
      assertThat(other.step(actions)).usingRecursiveComparison().isEqualTo(second);
    }
  }

  @Test
  void shouldRefuseWithAReasonWhatItCannotDo() throws Exception {
    assertThat(refusal(new EnvironmentRequest.Hello(2)))
        .isEqualTo("version 2 of the protocol is not spoken here, expected 1");
    assertThat(refusal(new EnvironmentRequest.Reset(0, 1)))
        .isEqualTo("the first request must be hello, got Reset[copy=0, seed=1]");
    assertThat(refusal(HELLO, HELLO)).contains("wrong place", "Hello");
    assertThat(refusal(HELLO, new EnvironmentRequest.Reset(COPIES, 1)))
        .isEqualTo("reset of copy 3, expected 0 to 2");
    assertThat(refusal(HELLO, new EnvironmentRequest.Step(numbers(1, 1))))
        .isEqualTo("actions: got 2 numbers, expected 3 x 1, all of them finite");
    assertThat(refusal(HELLO, new EnvironmentRequest.Step(numbers(1, 1, Float.NaN))))
        .contains("all of them finite");
    assertThat(refusal(HELLO, new EnvironmentRequest.Step(numbers(1, 1, 1))))
        .contains("was not reset");
    try (Client client = new Client()) {
      client.send("what?".getBytes(StandardCharsets.UTF_8));
      assertThat(client.requireRefused()).startsWith("5 bytes that are no environment request");
    }
    shouldGiveEachConnectionAnEnvironmentOfItsOwn(); // it goes on
  }

  @Test
  void shouldGiveTheClientTheReasonWhenThereIsNoEnvironment() throws Exception {
    try (EnvironmentServer empty =
        EnvironmentServer.start(
            () -> {
              throw new EnvironmentException("the arm is unplugged");
            },
            0)) {
      assertThatThrownBy(() -> RemoteEnvironment.connect(empty.address(), SETTINGS))
          .isInstanceOf(EnvironmentException.class)
          .hasMessage("environment at %s: hello: refused: the arm is unplugged", empty.address());
    }
  }

  @Test
  void shouldNameThePortThatIsInUse() {
    int port = HostAndPort.parse(server.address()).port();
    assertThatThrownBy(() -> EnvironmentServer.start(() -> new PointMass(1), port))
        .isInstanceOf(EnvironmentException.class)
        .hasMessageContaining(server.address() + " is in use")
        .hasMessageContaining("port 0 takes any free one");
  }

  @Test
  void shouldEndItsConnectionsWhenClosed() throws Exception {
    try (RemoteEnvironment remote = RemoteEnvironment.connect(server.address(), SETTINGS)) {
      server.close();
      assertThatThrownBy(() -> remote.reset(0, 1)).isInstanceOf(EnvironmentException.class);
    }
    // A connection that the system had taken before is closed, later ones are not taken.
    assertThatThrownBy(() -> RemoteEnvironment.connect(server.address(), SETTINGS))
        .isInstanceOf(EnvironmentException.class)
        .message()
        .containsAnyOf("nobody listens there", "the other end closed the connection");
  }

  @Test
  void shouldEndTheConnectionWhenAskedToClose() throws Exception {
    try (Client client = new Client()) {
      client.send(HELLO);
      assertThat(client.receive())
          .isEqualTo(new EnvironmentReply.Welcome(1, "point-mass", 2, 1, COPIES));
      client.send(new EnvironmentRequest.Close());
      client.requireEnd();
    }
  }

  /** Why the last request was refused, after which the connection has ended. */
  private String refusal(EnvironmentRequest... requests)
      throws IOException, MalformedRecordException {
    try (Client client = new Client()) {
      for (int i = 0; i < requests.length - 1; i++) {
        client.send(requests[i]);
        client.receive();
      }
      client.send(requests[requests.length - 1]);
      return client.requireRefused();
    }
  }

  /** One that says what it likes. */
  private final class Client implements AutoCloseable {
    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;

    Client() throws IOException {
      InetSocketAddress address = HostAndPort.parse(server.address()).resolve();
      socket = new Socket(address.getAddress(), address.getPort());
      in = new DataInputStream(socket.getInputStream());
      out = new DataOutputStream(socket.getOutputStream());
    }

    void send(EnvironmentRequest request) throws IOException {
      send(Codec.ENVIRONMENT_REQUEST.encode(request));
    }

    void send(byte[] message) throws IOException {
      out.writeInt(message.length);
      out.write(message);
    }

    EnvironmentReply receive() throws IOException, MalformedRecordException {
      return Codec.ENVIRONMENT_REPLY.decode(in.readNBytes(in.readInt()));
    }

    String requireRefused() throws IOException, MalformedRecordException {
      EnvironmentReply reply = receive();
      assertThat(reply).isInstanceOf(EnvironmentReply.Refused.class);
      requireEnd();
      return ((EnvironmentReply.Refused) reply).reason();
    }

    void requireEnd() throws IOException {
      assertThat(in.read()).isEqualTo(-1);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
