// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.environment.remote;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.favstream.actors.runtime.Faults;
import org.favstream.protocol.EnvironmentReply;
import org.favstream.protocol.EnvironmentRequest;
import org.favstream.protocol.Tensor;
import org.favstream.sampler.environment.Environment;
import org.favstream.sampler.environment.EnvironmentException;

/**
 * An environment behind a TCP connection. Believes nothing: each answer comes within its deadline,
 * has the right kind and sizes and finite numbers, or the connection is closed and the {@link
 * EnvironmentException} names the address, what was got and what was expected.
 */
public final class RemoteEnvironment implements Environment {

  /**
   * What is demanded of it.
   *
   * @param connectDeadline for the connection and its hello
   * @param callDeadline for each later answer
   * @param expected what it must be; where absent, whatever it says it is
   */
  public record Settings(Duration connectDeadline, Duration callDeadline, Optional<Spec> expected) {
    public Settings {
      requirePositive("connect deadline", connectDeadline);
      requirePositive("call deadline", callDeadline);
    }

    private static void requirePositive(String what, Duration deadline) {
      if (deadline.isNegative() || deadline.isZero()) {
        throw new IllegalArgumentException(
            "%s of an environment: got %s, expected more than 0".formatted(what, deadline));
      }
    }
  }

  private final EnvironmentConnection connection;
  private final Duration callDeadline;
  private final Spec spec;

  /** Whether a copy has an episode that is not over. */
  private final boolean[] running;

  private RemoteEnvironment(EnvironmentConnection connection, Duration callDeadline, Spec spec) {
    this.connection = connection;
    this.callDeadline = callDeadline;
    this.spec = spec;
    this.running = new boolean[spec.copies()];
  }

  /**
   * Connects and says hello.
   *
   * @param address {@code host:port}
   * @throws EnvironmentException where nobody answers there, or not as demanded
   * @throws IllegalArgumentException where the address is none
   */
  public static RemoteEnvironment connect(String address, Settings settings)
      throws EnvironmentException {
    Deadline deadline = Deadline.in(settings.connectDeadline());
    EnvironmentConnection connection =
        EnvironmentConnection.open(HostAndPort.parse(address), deadline);
    Spec spec = hello(connection, deadline);
    Spec expected = settings.expected().orElse(spec);
    if (!spec.equals(expected)) {
      throw connection.broken("hello", "it is %s, expected %s".formatted(spec, expected), null);
    }
    return new RemoteEnvironment(connection, settings.callDeadline(), spec);
  }

  private static Spec hello(EnvironmentConnection connection, Deadline deadline)
      throws EnvironmentException {
    int version = EnvironmentRequest.PROTOCOL_VERSION;
    EnvironmentReply.Welcome welcome =
        connection.ask(
            new EnvironmentRequest.Hello(version), EnvironmentReply.Welcome.class, deadline);
    if (welcome.version() != version) {
      throw connection.broken(
          "hello",
          "it speaks version %d of the protocol, expected %d".formatted(welcome.version(), version),
          null);
    }
    try {
      return bounded(
          new Spec(
              welcome.environment(),
              welcome.observationSize(),
              welcome.actionSize(),
              welcome.copies()));
    } catch (IllegalArgumentException e) {
      throw connection.broken("hello", Faults.describe(e), e);
    }
  }

  private static Spec bounded(Spec spec) {
    long numbers = (long) spec.copies() * Math.max(spec.observationSize(), spec.actionSize());
    if (numbers > FrameChannel.MAX_BYTES / Float.BYTES) {
      throw new IllegalArgumentException(
          "%s does not go into messages of %d bytes".formatted(spec, FrameChannel.MAX_BYTES));
    }
    return spec;
  }

  @Override
  public Spec spec() {
    return spec;
  }

  @Override
  public float[] reset(int copy, long seed) throws EnvironmentException {
    Objects.checkIndex(copy, spec.copies());
    EnvironmentReply.Begun begun =
        connection.ask(
            new EnvironmentRequest.Reset(copy, seed),
            EnvironmentReply.Begun.class,
            Deadline.in(callDeadline));
    float[] observation =
        numbers("reset", "observation", begun.observation(), spec.observationSize());
    running[copy] = true;
    return observation;
  }

  @Override
  public Step step(float[] actions) throws EnvironmentException {
    EnvironmentRequest request = new EnvironmentRequest.Step(checked(actions));
    requireRunning();
    EnvironmentReply.Stepped stepped =
        connection.ask(request, EnvironmentReply.Stepped.class, Deadline.in(callDeadline));
    int copies = spec.copies();
    Step step =
        new Step(
            numbers(
                "step", "observations", stepped.observations(), copies * spec.observationSize()),
            numbers("step", "rewards", stepped.rewards(), copies),
            flags("terminated", stepped.terminated()),
            flags("truncated", stepped.truncated()));
    for (int copy = 0; copy < copies; copy++) {
      running[copy] = !step.ended(copy);
    }
    return step;
  }

  private Tensor checked(float[] actions) {
    Tensor tensor = Tensor.of(new int[] {actions.length}, actions);
    if (actions.length != spec.copies() * spec.actionSize() || !tensor.isFinite()) {
      throw new IllegalArgumentException(
          "actions for the environment at %s: got %s, expected %d x %d finite numbers"
              .formatted(connection, Arrays.toString(actions), spec.copies(), spec.actionSize()));
    }
    return tensor;
  }

  private void requireRunning() {
    for (int copy = 0; copy < running.length; copy++) {
      if (!running[copy]) {
        throw new IllegalStateException(
            "environment at %s: copy %d has no episode: reset it first"
                .formatted(connection, copy));
      }
    }
  }

  private float[] numbers(String call, String what, Tensor got, int expected)
      throws EnvironmentException {
    requireSize(call, what, got.length(), expected);
    float[] numbers = got.toArray();
    for (int i = 0; i < numbers.length; i++) {
      if (!Float.isFinite(numbers[i])) {
        throw connection.broken(
            call, "%s[%d] is %s, expected a finite number".formatted(what, i, numbers[i]), null);
      }
    }
    return numbers;
  }

  private boolean[] flags(String what, List<Boolean> got) throws EnvironmentException {
    requireSize("step", what, got.size(), spec.copies());
    boolean[] flags = new boolean[got.size()];
    for (int i = 0; i < flags.length; i++) {
      flags[i] = got.get(i);
    }
    return flags;
  }

  private void requireSize(String call, String what, int got, int expected)
      throws EnvironmentException {
    if (got != expected) {
      throw connection.broken(
          call,
          "%s: got %d numbers, expected %d for %s".formatted(what, got, expected, spec),
          null);
    }
  }

  @Override
  public void close() {
    connection.close();
  }
}
