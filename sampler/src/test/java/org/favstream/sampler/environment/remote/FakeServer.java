// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.environment.remote;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import org.favstream.protocol.Codec;
import org.favstream.protocol.EnvironmentReply;
import org.favstream.protocol.EnvironmentRequest;
import org.favstream.protocol.MalformedRecordException;
import org.favstream.protocol.Tensor;

/** A server that does to each connection, one after the other, what a test tells it to. */
final class FakeServer implements AutoCloseable {

  /** What it does to a connection, which it closes afterwards. */
  interface Script {
    void play(Client client) throws IOException, MalformedRecordException, InterruptedException;
  }

  /** The server's end of a connection. */
  record Client(DataInputStream in, DataOutputStream out) {

    EnvironmentRequest hears() throws IOException, MalformedRecordException {
      return Codec.ENVIRONMENT_REQUEST.decode(in.readNBytes(in.readInt()));
    }

    void says(EnvironmentReply reply) throws IOException {
      saysBytes(Codec.ENVIRONMENT_REPLY.encode(reply));
    }

    void saysBytes(byte[] message) throws IOException {
      out.writeInt(message.length);
      out.write(message);
      out.flush();
    }

    /** Hears one request and answers it so. */
    void answers(EnvironmentReply reply) throws IOException, MalformedRecordException {
      hears();
      says(reply);
    }

    /** Says nothing until the client has gone. */
    void keepsSilent() throws IOException {
      in.readAllBytes();
    }
  }

  static final EnvironmentReply WELCOME = new EnvironmentReply.Welcome(1, "fake", 2, 1, 2);
  static final EnvironmentReply BEGUN = new EnvironmentReply.Begun(numbers(1, 2));
  static final EnvironmentReply STEPPED = stepped(numbers(1, 2, 3, 4), numbers(-1, -2));

  private final ServerSocket listener;
  private final Thread thread;

  FakeServer(Script... connections) throws IOException {
    listener = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
    thread = new Thread(() -> serve(List.of(connections)), "fake-server");
    thread.start();
  }

  static Tensor numbers(float... numbers) {
    return Tensor.of(new int[] {numbers.length}, numbers);
  }

  static EnvironmentReply stepped(Tensor observations, Tensor rewards) {
    List<Boolean> no = List.of(false, false);
    return new EnvironmentReply.Stepped(observations, rewards, no, no);
  }

  String address() {
    return "127.0.0.1:" + listener.getLocalPort();
  }

  private void serve(List<Script> connections) {
    for (Script script : connections) {
      try (Socket socket = listener.accept()) {
        socket.setTcpNoDelay(true);
        script.play(
            new Client(
                new DataInputStream(socket.getInputStream()),
                new DataOutputStream(socket.getOutputStream())));
      } catch (EOFException | SocketException e) {
        // The client gave up, or the test is over.
      } catch (IOException | MalformedRecordException | InterruptedException e) {
        throw new AssertionError("the client did wrong", e);
      }
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    listener.close();
    thread.join();
  }
}
