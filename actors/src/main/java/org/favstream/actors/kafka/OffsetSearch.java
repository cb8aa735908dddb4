// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.kafka;

import java.util.List;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * Search over the offsets of a partition whose records come in the order of a number. Many offsets
 * hold no record: the ends of transactions, aborted ones, what retention has dropped. So an offset
 * stands for the records that come at or after it, and as those come by the page, a page may hold
 * what is looked for though its first record is before it.
 *
 * @param begin the first offset that may hold a record
 * @param end the first one beyond
 * @param log finds records
 * @param number of a record: never less than that of a record before it
 */
record OffsetSearch<T>(long begin, long end, Log<T> log, ToLongFunction<T> number) {

  /** How far before a place to look, so that what is there comes with the page. */
  private static final long NEAR = 100;

  /** Guesses by proportion, before halves: numbers and offsets mostly grow together. */
  private static final int GUESSES = 6;

  /** Where records are found. */
  @FunctionalInterface
  interface Log<T> {
    /**
     * Records at or after an offset and before the end, in order, as many as come at a time: none
     * where only holes are left.
     */
    List<OrderedTopic.At<T>> page(long offset);
  }

  /** The first record whose number is at least this one. */
  Optional<OrderedTopic.At<T>> first(long wanted) {
    Optional<OrderedTopic.At<T>> found = Optional.empty();
    Bound low = new Bound(begin, Long.MIN_VALUE);
    Bound high = new Bound(end, Long.MAX_VALUE);
    for (int probe = 0; low.offset() < high.offset(); probe++) {
      long at = place(probe, low, high, wanted);
      List<OrderedTopic.At<T>> page = log.page(at);
      if (page.isEmpty()) {
        high = new Bound(at, high.number());
        continue;
      }
      OrderedTopic.At<T> first = page.get(0);
      if (numberOf(first) >= wanted) {
        found = Optional.of(first);
        high = new Bound(at, numberOf(first));
        continue;
      }
      for (OrderedTopic.At<T> record : page) {
        if (numberOf(record) >= wanted) {
          return Optional.of(record);
        }
      }
      OrderedTopic.At<T> last = page.get(page.size() - 1);
      low = new Bound(last.offset() + 1, numberOf(last));
    }
    return found;
  }

  /** What is known of an offset: records before a low one have at most this number, and so on. */
  private record Bound(long offset, long number) {
    boolean isKnown() {
      return number != Long.MIN_VALUE && number != Long.MAX_VALUE;
    }
  }

  private long numberOf(OrderedTopic.At<T> record) {
    return number.applyAsLong(record.value());
  }

  /** Where to look next: at both ends, then by proportion, then in the middle. */
  private long place(int probe, Bound low, Bound high, long wanted) {
    if (probe == 0) {
      return low.offset();
    }
    if (probe == 1) {
      return Math.max(low.offset(), high.offset() - NEAR);
    }
    long offsets = high.offset() - low.offset();
    if (probe > GUESSES || !low.isKnown() || !high.isKnown() || high.number() <= low.number()) {
      return low.offset() + offsets / 2;
    }
    double share = (double) (wanted - low.number()) / (high.number() - low.number());
    long guess = low.offset() + (long) (Math.max(0, Math.min(1, share)) * offsets) - NEAR / 2;
    return Math.max(low.offset(), Math.min(high.offset() - 1, guess));
  }

  /** The last record there is. */
  Optional<OrderedTopic.At<T>> last() {
    for (long back = NEAR; ; back *= 8) {
      Optional<OrderedTopic.At<T>> last = lastFrom(Math.max(begin, end - back));
      if (last.isPresent() || end - back <= begin) {
        return last;
      }
    }
  }

  private Optional<OrderedTopic.At<T>> lastFrom(long offset) {
    Optional<OrderedTopic.At<T>> last = Optional.empty();
    long from = offset;
    for (List<OrderedTopic.At<T>> page = log.page(from); !page.isEmpty(); page = log.page(from)) {
      last = Optional.of(page.get(page.size() - 1));
      from = last.get().offset() + 1;
    }
    return last;
  }
}
