// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.weights;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.favstream.protocol.Codec;
import org.favstream.protocol.MalformedRecordException;
import org.favstream.protocol.TensorSpec;
import org.favstream.protocol.WeightsRecord;

/** Versions of weights as they come to a reader of their topic, with what compaction leaves. */
final class PublishedVersions {
  private PublishedVersions() {}

  /** A value on the topic under its key; the value has been through its bytes. */
  record Entry(String key, WeightsRecord record) {}

  /** Weights of a version, of its own numbers; about {@code chunks} chunks long. */
  static PublishedWeights published(long version, int chunks) {
    int values = chunks * 225 * 1024 + 17; // 900 KiB a chunk
    Random random = new Random(version);
    float[] numbers = new float[chunks == 0 ? 0 : values - 1024];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = random.nextFloat();
    }
    try {
      return new PublishedWeights(
          version,
          version / 10,
          4 * version,
          new Weights(List.of(TensorSpec.of("all", numbers.length)), numbers),
          1_000 + version);
    } catch (WeightsException e) {
      throw new AssertionError(e);
    }
  }

  /** The version's records as a reader gets them. */
  static List<Entry> entries(PublishedWeights published) {
    List<Entry> entries = new ArrayList<>();
    for (Map.Entry<String, WeightsRecord> each :
        WeightsLog.records("run-1", published).entrySet()) {
      entries.add(new Entry(each.getKey(), throughBytes(each.getValue())));
    }
    return entries;
  }

  private static WeightsRecord throughBytes(WeightsRecord record) {
    try {
      return Codec.WEIGHTS.decode(Codec.WEIGHTS.encode(record));
    } catch (MalformedRecordException e) {
      throw new AssertionError(e);
    }
  }

  /** What compaction may leave: of a key, older values go or stay by chance; the newest stays. */
  static List<Entry> compacted(List<Entry> log, Random chance) {
    List<Entry> left = new ArrayList<>();
    for (int i = 0; i < log.size(); i++) {
      String key = log.get(i).key();
      boolean newest = log.subList(i + 1, log.size()).stream().noneMatch(e -> e.key().equals(key));
      if (newest || chance.nextBoolean()) {
        left.add(log.get(i));
      }
    }
    return left;
  }

  /** Everything that the records complete, in this order. */
  static List<PublishedWeights> assembled(List<Entry> log) throws WeightsException {
    WeightsAssembler assembler = new WeightsAssembler();
    List<PublishedWeights> complete = new ArrayList<>();
    for (Entry entry : log) {
      Optional<PublishedWeights> weights = assembler.add(entry.record());
      weights.ifPresent(complete::add);
    }
    return complete;
  }
}
