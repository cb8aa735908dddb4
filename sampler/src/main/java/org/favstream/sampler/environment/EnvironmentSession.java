// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.environment;

import java.time.Duration;
import org.favstream.sampler.environment.Environment.Step;
import org.jspecify.annotations.Nullable;

/**
 * An environment that outlives its crashes. Where it fails it is closed, and the caller is told
 * that it was {@link Lost}: the episodes of all copies are over, cut after their last step. The
 * next {@link #open} or {@link #reset} opens another one. It neither waits nor reads a clock: the
 * caller lets the pause pass that {@code Lost} asks for, and resets every copy again.
 *
 * <p>Confined to one thread at a time.
 */
public final class EnvironmentSession implements AutoCloseable {

  /**
   * What came of a call.
   *
   * @param <T> what it gives
   */
  public sealed interface Outcome<T> {}

  /** It was done. */
  public record Done<T>(T value) implements Outcome<T> {}

  /**
   * The environment is gone, and every running episode with it.
   *
   * @param reason for people; names the environment
   * @param failures how many there were since the last step that was done, this one included
   * @param pause how long to wait before the next reset
   */
  public record Lost<T>(String reason, int failures, Duration pause) implements Outcome<T> {}

  /**
   * How long to wait after a failure: twice as long after each further one.
   *
   * @param first after the first
   * @param longest never longer
   */
  public record Backoff(Duration first, Duration longest) {
    private static final int MOST_DOUBLINGS = 30;

    public Backoff {
      if (first.isNegative() || first.isZero() || longest.compareTo(first) < 0) {
        throw new IllegalArgumentException(
            "a backoff from %s to %s: it must begin above 0 and not shrink"
                .formatted(first, longest));
      }
    }

    /** The wait after so many failures in a row, from 1. */
    Duration after(int failures) {
      Duration wait = first.multipliedBy(1L << Math.min(failures - 1, MOST_DOUBLINGS));
      return wait.compareTo(longest) < 0 ? wait : longest;
    }
  }

  private final EnvironmentSource source;
  private final Backoff backoff;
  private @Nullable Environment environment;
  private int failures;

  /**
   * A session that opens its environment when it is first asked for.
   *
   * @param source gives environments of one and the same {@link Environment.Spec}
   */
  public EnvironmentSession(EnvironmentSource source, Backoff backoff) {
    this.source = source;
    this.backoff = backoff;
  }

  /** What the environment is, on a new one where there is none. */
  public Outcome<Environment.Spec> open() {
    try {
      return new Done<>(opened().spec());
    } catch (EnvironmentException e) {
      return lost(e);
    }
  }

  /**
   * As {@link Environment#reset}, on a new environment where there is none.
   *
   * @return the first observation, {@code (o)}
   */
  public Outcome<float[]> reset(int copy, long seed) {
    try {
      return new Done<>(opened().reset(copy, seed));
    } catch (EnvironmentException e) {
      return lost(e);
    }
  }

  private Environment opened() throws EnvironmentException {
    Environment current = environment;
    if (current == null) {
      current = source.open();
      environment = current;
    }
    return current;
  }

  /**
   * As {@link Environment#step}.
   *
   * @param actions {@code (copies, a)}, row-major
   * @throws IllegalStateException where a copy was not reset since the environment was lost
   */
  public Outcome<Step> step(float[] actions) {
    Environment current = environment;
    if (current == null) {
      throw new IllegalStateException("no episode runs: reset every copy first");
    }
    try {
      Step step = current.step(actions);
      failures = 0;
      return new Done<>(step);
    } catch (EnvironmentException e) {
      return lost(e);
    }
  }

  private <T> Lost<T> lost(EnvironmentException fault) {
    close();
    failures++;
    return new Lost<>(String.valueOf(fault.getMessage()), failures, backoff.after(failures));
  }

  @Override
  public void close() {
    if (environment != null) {
      environment.close();
      environment = null;
    }
  }
}
