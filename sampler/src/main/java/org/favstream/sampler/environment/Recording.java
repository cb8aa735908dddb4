// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.environment;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import org.favstream.protocol.Tensor;
import org.favstream.protocol.Transitions;
import org.favstream.protocol.Transitions.Ending;

/**
 * What a person or a teleoperator lived through, as segments for the log. Episodes are named after
 * the recording's digest, so that one that is sent twice can be told from another one.
 */
public final class Recording {
  private static final int DIGITS = 16;

  private final TransitionSet set;
  private final String digest;

  /**
   * A recording of whole episodes.
   *
   * @throws EnvironmentException where one transition ends no episode, and the next does not go on
   *     from where it led; the message names them
   */
  public Recording(TransitionSet set) throws EnvironmentException {
    this.set = set;
    for (int at = 0; at < set.size(); at++) {
      if (!ends(at)) {
        requireGoesOn(at);
      }
    }
    this.digest = digest(set);
  }

  private boolean ends(int at) {
    return set.terminated()[at] || set.truncated()[at];
  }

  private void requireGoesOn(int at) throws EnvironmentException {
    int o = set.observationSize();
    int next = at + 1;
    boolean goesOn =
        next < set.size()
            && Arrays.equals(
                set.nextObservations(),
                at * o,
                next * o,
                set.observations(),
                next * o,
                (next + 1) * o);
    if (!goesOn) {
      throw new EnvironmentException(
          "transitions of %s: transition %d ends no episode, and %s: an episode's end must be marked as terminated or truncated"
              .formatted(
                  set.environment(),
                  at,
                  next < set.size()
                      ? "transition %d does not begin where it led".formatted(next)
                      : "is the last"));
    }
  }

  private static String digest(TransitionSet set) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (float[] numbers : List.of(set.observations(), set.actions(), set.rewards())) {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(numbers.length, Float.BYTES));
        bytes.asFloatBuffer().put(numbers);
        digest.update(bytes);
      }
      return HexFormat.of().formatHex(digest.digest()).substring(0, DIGITS);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  /** How many episodes there are. */
  public int episodes() {
    int episodes = 0;
    for (int at = 0; at < set.size(); at++) {
      episodes += ends(at) ? 1 : 0;
    }
    return episodes;
  }

  /**
   * The segments, in order.
   *
   * @param run the run's id
   * @param source a kind and a name, such as {@code human:alice}
   * @param most steps a segment
   */
  public List<Transitions> segments(String run, String source, int most) {
    List<Transitions> segments = new ArrayList<>();
    int episode = 0;
    int begin = 0;
    int from = 0;
    for (int at = 0; at < set.size(); at++) {
      boolean ends = ends(at);
      if (ends || at + 1 - from == most) {
        String name = "%s/%d".formatted(digest, episode);
        segments.add(segment(run, source, name, from - begin, from, at + 1));
        from = at + 1;
      }
      if (ends) {
        episode++;
        begin = from;
      }
    }
    return segments;
  }

  private Transitions segment(
      String run, String source, String episode, int firstStep, int from, int to) {
    int o = set.observationSize();
    int a = set.actionSize();
    int steps = to - from;
    float[] observations =
        Arrays.copyOf(Arrays.copyOfRange(set.observations(), from * o, to * o), (steps + 1) * o);
    System.arraycopy(set.nextObservations(), (to - 1) * o, observations, steps * o, o);
    return new Transitions(
        run,
        set.environment(),
        source,
        episode,
        firstStep,
        OptionalLong.empty(),
        Tensor.of(new int[] {steps + 1, o}, observations),
        Tensor.of(new int[] {steps, a}, Arrays.copyOfRange(set.actions(), from * a, to * a)),
        Tensor.of(new int[] {steps}, Arrays.copyOfRange(set.rewards(), from, to)),
        ending(to - 1),
        "");
  }

  private Ending ending(int at) {
    if (set.terminated()[at]) {
      return Ending.TERMINATED;
    }
    return set.truncated()[at] ? Ending.TRUNCATED : Ending.NONE;
  }
}
