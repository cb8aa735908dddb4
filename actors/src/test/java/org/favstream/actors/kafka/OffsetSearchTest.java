// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class OffsetSearchTest {

  /** A partition with holes: the offsets that hold a record, and its number. */
  private static final class Holes implements OffsetSearch.Log<Long> {
    private final NavigableMap<Long, Long> records;
    private final int page;
    private int probes;

    Holes(Map<Long, Long> records, int page) {
      this.records = new TreeMap<>(records);
      this.page = page;
    }

    @Override
    public List<OrderedTopic.At<Long>> page(long offset) {
      probes++;
      return records.tailMap(offset, true).entrySet().stream()
          .limit(page)
          .map(record -> new OrderedTopic.At<>(record.getKey(), record.getValue()))
          .toList();
    }

    OffsetSearch<Long> search(long begin, long end) {
      return new OffsetSearch<>(begin, end, this, value -> value);
    }
  }

  private static Optional<Long> firstOffset(OffsetSearch<Long> search, long number) {
    return search.first(number).map(OrderedTopic.At::offset);
  }

  @Test
  void shouldFindTheFirstRecordOfANumberWhenMostOffsetsAreHoles() {
    OffsetSearch<Long> search =
        new Holes(Map.of(3L, 1L, 4L, 1L, 9L, 2L, 20L, 5L, 21L, 5L), 1).search(2, 40);
    assertThat(firstOffset(search, 1)).contains(3L);
    assertThat(firstOffset(search, 2)).contains(9L);
    assertThat(firstOffset(search, 3)).contains(20L); // there is no 3: the next there is
    assertThat(firstOffset(search, 5)).contains(20L);
    assertThat(firstOffset(search, 6)).isEmpty();
    assertThat(search.last()).contains(new OrderedTopic.At<>(21, 5L));
  }

  @Test
  void shouldFindNothingWhenThereIsNothing() {
    OffsetSearch<Long> empty = new Holes(Map.of(), 1).search(0, 0);
    assertThat(firstOffset(empty, 0)).isEmpty();
    assertThat(empty.last()).isEmpty();
    OffsetSearch<Long> holes = new Holes(Map.of(), 1).search(5, 5000);
    assertThat(firstOffset(holes, 0)).isEmpty();
    assertThat(holes.last()).isEmpty();
  }

  @Test
  void shouldAgreeWithReadingEverything() {
    Random random = new Random(3);
    for (int trial = 0; trial < 300; trial++) {
      TreeMap<Long, Long> records = new TreeMap<>();
      long begin = random.nextInt(50);
      long end = begin + random.nextInt(60);
      long number = 0;
      for (long offset = begin; offset < end; offset++) {
        if (random.nextInt(3) > 0) {
          number += random.nextInt(3);
          records.put(offset, number);
        }
      }
      OffsetSearch<Long> search = new Holes(records, 1 + trial % 5).search(begin, end);
      for (long wanted = 0; wanted <= number + 1; wanted++) {
        long bound = wanted;
        assertThat(firstOffset(search, wanted))
            .describedAs("trial %d, %s, wanted %d", trial, records, wanted)
            .isEqualTo(
                records.entrySet().stream()
                    .filter(record -> record.getValue() >= bound)
                    .map(Map.Entry::getKey)
                    .findFirst());
      }
      assertThat(search.last().map(OrderedTopic.At::offset))
          .isEqualTo(Optional.ofNullable(records.isEmpty() ? null : records.lastKey()));
    }
  }

  @Test
  void shouldReadFewPagesOfALongTopic() {
    TreeMap<Long, Long> even = new TreeMap<>();
    TreeMap<Long, Long> uneven = new TreeMap<>();
    for (long step = 0; step < 200_000; step++) {
      even.put(step + step / 4, step / 4); // the end of a transaction after every four
      uneven.put(step, step < 190_000 ? 1 : step * step);
    }
    Holes log = new Holes(even, 200);
    assertThat(firstOffset(log.search(0, 250_000), 31_337)).contains(31_337L * 5);
    assertThat(log.probes).isLessThan(5);
    Holes other = new Holes(uneven, 200);
    assertThat(firstOffset(other.search(0, 200_000), 195_001L * 195_001)).contains(195_001L);
    assertThat(other.probes).isLessThan(25);
  }
}
