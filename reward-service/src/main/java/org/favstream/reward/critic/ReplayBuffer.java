// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.critic;

import java.util.Arrays;
import org.favstream.protocol.Noise;
import org.favstream.sampler.environment.TransitionSet;
import org.favstream.sampler.noise.NoiseSource;

/**
 * Transitions to learn from: begins as an offline set, grows by what is lived through, and forgets
 * the oldest where it is full. Confined to one thread at a time.
 *
 * <p><b>Weights.</b> A transition is drawn with a probability in proportion to its weight, which is
 * its source's: demonstrations of a person may count more. Weights are kept in 1/{@value #UNIT}ths,
 * so that their sums are exact.
 *
 * <p><b>Restart.</b> The buffer is a pure function of the offline set and the ordered log of what
 * was appended; there is nothing to save. Whoever owns it appends again from the log what it had
 * appended, and has the same buffer, draw by draw. Where the log no longer reaches back so far,
 * appending what is left of it in the same order gives the same transitions and weights, in other
 * slots: the same distribution of draws.
 */
public final class ReplayBuffer {
  private static final int UNIT = 1024;
  private static final double MAX_WEIGHT = 1e6;

  private final TransitionSet kind;
  private final int capacity;
  private final int width;
  private final WeightTree weights;
  private float[] rows = {};
  private int size;
  private int next;

  /**
   * A drawn batch.
   *
   * @param rows how many transitions
   * @param observations {@code (rows, o)}, row-major
   * @param actions {@code (rows, a)}, row-major
   * @param rewards {@code (rows)}
   * @param nextObservations {@code (rows, o)}, row-major
   * @param masks {@code (rows)}: 0 where the episode terminated, so that nothing follows, else 1;
   *     also where it was only cut
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never shared
  public record Batch(
      int rows,
      float[] observations,
      float[] actions,
      float[] rewards,
      float[] nextObservations,
      float[] masks) {}

  /**
   * Begins with an offline set; where it is larger than the buffer, its end.
   *
   * @param weight of its transitions
   * @param capacity most transitions
   * @throws RefusedTransitionsException as {@link #append} does
   */
  public ReplayBuffer(TransitionSet offline, double weight, int capacity)
      throws RefusedTransitionsException {
    this.width = 2 * offline.observationSize() + offline.actionSize() + 2;
    if (capacity < 1 || (long) capacity * width > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "replay: a capacity of %d transitions of %d numbers: expected 1 to %d"
              .formatted(capacity, width, (Integer.MAX_VALUE - 8) / width));
    }
    this.kind = offline;
    this.capacity = capacity;
    this.weights = new WeightTree(capacity);
    append(offline, weight);
  }

  /** How many transitions it holds. */
  public int size() {
    return size;
  }

  /**
   * Takes transitions, all or none.
   *
   * @param weight of each, above 0; 1 is usual
   * @throws RefusedTransitionsException where they are another robot's, or a number is not finite,
   *     or an action out of bounds
   */
  public void append(TransitionSet transitions, double weight) throws RefusedTransitionsException {
    if (!(weight >= 1.0 / UNIT && weight <= MAX_WEIGHT)) {
      throw new IllegalArgumentException(
          "replay: a weight of %s: expected 1/%d to %s".formatted(weight, UNIT, MAX_WEIGHT));
    }
    requireSameKind(transitions);
    requireNumbers(transitions);
    for (int row = 0; row < transitions.size(); row++) {
      put(transitions, row, Math.round(weight * UNIT));
    }
  }

  private void requireSameKind(TransitionSet other) throws RefusedTransitionsException {
    if (!other.environment().equals(kind.environment())
        || other.observationSize() != kind.observationSize()
        || other.actionSize() != kind.actionSize()) {
      throw new RefusedTransitionsException(
          "transitions of %s (observations of %d, actions of %d): expected those of %s (%d, %d)"
              .formatted(
                  other.environment(),
                  other.observationSize(),
                  other.actionSize(),
                  kind.environment(),
                  kind.observationSize(),
                  kind.actionSize()));
    }
  }

  private static void requireNumbers(TransitionSet set) throws RefusedTransitionsException {
    requireWithin(set, "observation", set.observations(), Float.MAX_VALUE);
    requireWithin(set, "action", set.actions(), 1);
    requireWithin(set, "reward", set.rewards(), Float.MAX_VALUE);
    requireWithin(set, "next observation", set.nextObservations(), Float.MAX_VALUE);
  }

  private static void requireWithin(TransitionSet set, String what, float[] numbers, float most)
      throws RefusedTransitionsException {
    for (int i = 0; i < numbers.length; i++) {
      if (!(Math.abs(numbers[i]) <= most)) {
        throw new RefusedTransitionsException(
            "transitions of %s: the %s of transition %d holds %s, expected %s"
                .formatted(
                    set.environment(),
                    what,
                    i / (numbers.length / set.size()),
                    numbers[i],
                    most == 1 ? "-1 to 1" : "a finite number"));
      }
    }
  }

  /** A row is {@code [s, a, r, mask, s']}: a draw reads one place of the memory. */
  private void put(TransitionSet from, int row, long weight) {
    int o = kind.observationSize();
    int a = kind.actionSize();
    int at = next * width;
    if (at == rows.length) {
      rows = Arrays.copyOf(rows, width * Math.min(capacity, Math.max(1024, 2 * size)));
    }
    System.arraycopy(from.observations(), row * o, rows, at, o);
    System.arraycopy(from.actions(), row * a, rows, at + o, a);
    rows[at + o + a] = from.rewards()[row];
    rows[at + o + a + 1] = from.terminated()[row] ? 0 : 1;
    System.arraycopy(from.nextObservations(), row * o, rows, at + o + a + 2, o);
    weights.set(next, weight);
    size = Math.max(size, next + 1);
    next = (next + 1) % capacity;
  }

  /**
   * Draws with replacement; the same draw of the same buffer gives the same batch.
   *
   * @param draw key and counter
   * @param count how many
   * @throws IllegalStateException where the buffer is empty
   */
  public Batch draw(Noise draw, int count) {
    if (size == 0) {
      throw new IllegalStateException("nothing to draw from: the replay buffer is empty");
    }
    int o = kind.observationSize();
    int a = kind.actionSize();
    Batch batch =
        new Batch(
            count,
            new float[count * o],
            new float[count * a],
            new float[count],
            new float[count * o],
            new float[count]);
    long[] places = NoiseSource.longs(draw, count, weights.total());
    for (int row = 0; row < count; row++) {
      int at = weights.slotOf(places[row]) * width;
      System.arraycopy(rows, at, batch.observations(), row * o, o);
      System.arraycopy(rows, at + o, batch.actions(), row * a, a);
      batch.rewards()[row] = rows[at + o + a];
      batch.masks()[row] = rows[at + o + a + 1];
      System.arraycopy(rows, at + o + a + 2, batch.nextObservations(), row * o, o);
    }
    return batch;
  }
}
