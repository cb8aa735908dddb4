// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.environment.remote;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.favstream.actors.runtime.Faults;
import org.favstream.protocol.Codec;
import org.favstream.protocol.EnvironmentReply;
import org.favstream.protocol.EnvironmentRequest;
import org.favstream.protocol.MalformedRecordException;
import org.favstream.protocol.Tensor;
import org.favstream.sampler.environment.Environment;
import org.favstream.sampler.environment.EnvironmentException;
import org.favstream.sampler.environment.EnvironmentSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server's end of a connection: answers requests until one cannot be answered. */
final class ServedConnection implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ServedConnection.class);

  private static final Duration HELLO_DEADLINE = Duration.ofSeconds(10);
  private static final Duration ANSWER_DEADLINE = Duration.ofSeconds(10);

  /** A client that asks nothing for so long is gone. */
  private static final Duration IDLE_DEADLINE = Duration.ofHours(1);

  private final FrameChannel frames;
  private final EnvironmentSource source;

  ServedConnection(FrameChannel frames, EnvironmentSource source) {
    this.frames = frames;
    this.source = source;
  }

  /** Serves until the client ends it, or does or meets something wrong. */
  void serve() {
    try {
      EnvironmentRequest first = receive(HELLO_DEADLINE);
      requireHello(first);
      try (Environment environment = source.open()) {
        send(welcome(environment.spec()));
        EnvironmentRequest request = receive(IDLE_DEADLINE);
        while (!(request instanceof EnvironmentRequest.Close)) {
          send(answer(environment, request));
          request = receive(IDLE_DEADLINE);
        }
      }
    } catch (EOFException | ClosedChannelException e) {
      log.debug("a client went without a word: {}", Faults.describe(e));
    } catch (IOException e) {
      log.warn("a client is lost: {}", Faults.describe(e));
    } catch (MalformedRecordException | EnvironmentException e) {
      refuse(Faults.describe(e));
    } catch (RuntimeException e) { // whatever an environment throws is its client's to know
      log.warn("an environment failed", e);
      refuse(Faults.describe(e));
    }
  }

  private EnvironmentRequest receive(Duration deadline)
      throws IOException, MalformedRecordException {
    return Codec.ENVIRONMENT_REQUEST.decode(frames.receive(Deadline.in(deadline)));
  }

  private void send(EnvironmentReply reply) throws IOException {
    frames.send(Codec.ENVIRONMENT_REPLY.encode(reply), Deadline.in(ANSWER_DEADLINE));
  }

  private void refuse(String reason) {
    try {
      send(new EnvironmentReply.Refused(reason));
    } catch (IOException e) {
      log.warn("a client is lost that was to be refused ({}): {}", reason, Faults.describe(e));
    }
  }

  private static void requireHello(EnvironmentRequest first) throws EnvironmentException {
    int version = EnvironmentRequest.PROTOCOL_VERSION;
    if (!(first instanceof EnvironmentRequest.Hello hello)) {
      throw new EnvironmentException("the first request must be hello, got " + first);
    }
    if (hello.version() != version) {
      throw new EnvironmentException(
          "version %d of the protocol is not spoken here, expected %d"
              .formatted(hello.version(), version));
    }
  }

  private static EnvironmentReply welcome(Environment.Spec spec) {
    return new EnvironmentReply.Welcome(
        EnvironmentRequest.PROTOCOL_VERSION,
        spec.name(),
        spec.observationSize(),
        spec.actionSize(),
        spec.copies());
  }

  private static EnvironmentReply answer(Environment environment, EnvironmentRequest request)
      throws EnvironmentException {
    if (request instanceof EnvironmentRequest.Reset reset) {
      return begun(environment, reset);
    }
    if (request instanceof EnvironmentRequest.Step step) {
      return stepped(environment, step);
    }
    throw new EnvironmentException("a request in the wrong place: " + request);
  }

  private static EnvironmentReply begun(Environment environment, EnvironmentRequest.Reset reset)
      throws EnvironmentException {
    int copies = environment.spec().copies();
    if (reset.copy() >= copies) {
      throw new EnvironmentException(
          "reset of copy %d, expected 0 to %d".formatted(reset.copy(), copies - 1));
    }
    return new EnvironmentReply.Begun(tensor(environment.reset(reset.copy(), reset.seed())));
  }

  private static EnvironmentReply stepped(Environment environment, EnvironmentRequest.Step step)
      throws EnvironmentException {
    Environment.Spec spec = environment.spec();
    Tensor actions = step.actions();
    if (actions.length() != spec.copies() * spec.actionSize() || !actions.isFinite()) {
      throw new EnvironmentException(
          "actions: got %d numbers, expected %d x %d, all of them finite"
              .formatted(actions.length(), spec.copies(), spec.actionSize()));
    }
    Environment.Step outcome = environment.step(actions.toArray());
    return new EnvironmentReply.Stepped(
        tensor(outcome.observations()),
        tensor(outcome.rewards()),
        list(outcome.terminated()),
        list(outcome.truncated()));
  }

  private static Tensor tensor(float[] numbers) {
    return Tensor.of(new int[] {numbers.length}, numbers);
  }

  private static List<Boolean> list(boolean[] flags) {
    List<Boolean> list = new ArrayList<>(flags.length);
    for (boolean flag : flags) {
      list.add(flag);
    }
    return list;
  }

  @Override
  public void close() {
    frames.close();
  }
}
