// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.kafka;

import java.util.Optional;
import java.util.function.Predicate;

/**
 * Binary search over the offsets of a partition. Many offsets hold no record: the ends of
 * transactions, aborted ones, what retention has dropped. So an offset stands for the first record
 * at or after it.
 *
 * @param begin the first offset that may hold a record
 * @param end the first one beyond
 * @param log finds records
 */
record OffsetSearch<T>(long begin, long end, Log<T> log) {

  /** Where records are found. */
  @FunctionalInterface
  interface Log<T> {
    /** The first record at or after an offset; empty where only holes are left. */
    Optional<OrderedTopic.At<T>> firstFrom(long offset);
  }

  /**
   * The first record of which something is true.
   *
   * @param reached once true of a record, true of all records after it
   */
  Optional<OrderedTopic.At<T>> first(Predicate<T> reached) {
    Optional<OrderedTopic.At<T>> first = Optional.empty();
    long low = begin;
    long high = end;
    while (low < high) {
      long middle = low + (high - low) / 2;
      Optional<OrderedTopic.At<T>> found = log.firstFrom(middle);
      if (found.isPresent() && !reached.test(found.get().value())) {
        low = found.get().offset() + 1;
      } else {
        first = found.isPresent() ? found : first;
        high = middle;
      }
    }
    return first;
  }

  /** The last record there is. */
  Optional<OrderedTopic.At<T>> last() {
    Optional<OrderedTopic.At<T>> last = Optional.empty();
    long low = begin;
    long high = end;
    while (low < high) {
      long middle = low + (high - low) / 2;
      Optional<OrderedTopic.At<T>> found = log.firstFrom(middle);
      if (found.isPresent()) {
        last = found;
        low = found.get().offset() + 1;
      } else {
        high = middle;
      }
    }
    return last;
  }
}
