// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.environment.remote;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.Locale;
import org.favstream.actors.runtime.Faults;
import org.favstream.protocol.Codec;
import org.favstream.protocol.EnvironmentReply;
import org.favstream.protocol.EnvironmentRequest;
import org.favstream.protocol.MalformedRecordException;
import org.favstream.sampler.environment.EnvironmentException;
import org.jspecify.annotations.Nullable;

/**
 * Questions to a server and its answers, one at a time. It is closed by the first thing that goes
 * wrong, so that no answer is ever taken for that to a later question.
 */
final class EnvironmentConnection implements AutoCloseable {
  private static final Duration GOODBYE_DEADLINE = Duration.ofMillis(100);
  private static final int REASON_CHARACTERS = 1000;

  private final HostAndPort address;
  private final FrameChannel frames;
  private boolean closed;

  private EnvironmentConnection(HostAndPort address, FrameChannel frames) {
    this.address = address;
    this.frames = frames;
  }

  static EnvironmentConnection open(HostAndPort address, Deadline deadline)
      throws EnvironmentException {
    try {
      return new EnvironmentConnection(address, FrameChannel.connect(address.resolve(), deadline));
    } catch (ConnectException e) {
      throw fault(address, "connect", "nobody listens there (%s)".formatted(e.getMessage()), e);
    } catch (UnknownHostException e) {
      throw fault(address, "connect", "there is no such host", e);
    } catch (IOException e) {
      throw fault(address, "connect", Faults.describe(e), e);
    }
  }

  /**
   * One question and its answer.
   *
   * @param answer the kind that answers it
   * @param deadline for both
   */
  <R extends Record & EnvironmentReply> R ask(
      EnvironmentRequest question, Class<R> answer, Deadline deadline) throws EnvironmentException {
    String call = name(question.getClass());
    if (closed) {
      throw fault(address, call, "its connection was closed; open another one", null);
    }
    EnvironmentReply reply;
    try {
      frames.send(Codec.ENVIRONMENT_REQUEST.encode(question), deadline);
      reply = Codec.ENVIRONMENT_REPLY.decode(frames.receive(deadline));
    } catch (ClosedByInterruptException e) {
      throw broken(call, "interrupted", e);
    } catch (IOException | MalformedRecordException e) {
      throw broken(call, Faults.describe(e), e);
    }
    if (reply instanceof EnvironmentReply.Refused refused) {
      String reason = refused.reason();
      throw broken(
          call,
          "refused: " + reason.substring(0, Math.min(reason.length(), REASON_CHARACTERS)),
          null);
    }
    if (!answer.isInstance(reply)) {
      throw broken(
          call,
          "it answered '%s', expected '%s'".formatted(name(reply.getClass()), name(answer)),
          null);
    }
    return answer.cast(reply);
  }

  private static String name(Class<?> message) {
    return message.getSimpleName().toLowerCase(Locale.ROOT);
  }

  /** Closes it for that reason. */
  EnvironmentException broken(String call, String why, @Nullable Exception cause) {
    closed = true;
    frames.close();
    return fault(address, call, why, cause);
  }

  private static EnvironmentException fault(
      HostAndPort address, String call, String why, @Nullable Exception cause) {
    String message = "environment at %s: %s: %s".formatted(address, call, why);
    return cause == null
        ? new EnvironmentException(message)
        : new EnvironmentException(message, cause);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      frames.send(
          Codec.ENVIRONMENT_REQUEST.encode(new EnvironmentRequest.Close()),
          Deadline.in(GOODBYE_DEADLINE));
    } catch (IOException e) {
      // It learns so from the end of the connection.
    }
    frames.close();
  }

  @Override
  public String toString() {
    return address.toString();
  }
}
