// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.weights;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.favstream.protocol.Topics;
import org.favstream.protocol.WeightsRecord;

/**
 * How weights stand on their compacted topic: chunks keyed by {@code slot/index} with two slots, so
 * that the newest complete version is never compacted away, and the manifest last.
 */
public final class WeightsLog {
  private static final String MANIFEST_KEY = "manifest";

  private WeightsLog() {}

  /**
   * The records of a version, by key, in the order in which they must be sent.
   *
   * @param run the run's id
   */
  public static Map<String, WeightsRecord> records(String run, PublishedWeights published) {
    byte[] bytes = published.weights().toBytes();
    long version = published.version();
    Map<String, WeightsRecord> records = new LinkedHashMap<>();
    int chunks = 0;
    for (int from = 0; from < bytes.length; from += Topics.CHUNK_BYTES) {
      int size = Math.min(Topics.CHUNK_BYTES, bytes.length - from);
      records.put(
          (version % 2) + "/" + chunks,
          new WeightsRecord.Chunk(version, chunks, ByteBuffer.wrap(bytes, from, size).slice()));
      chunks++;
    }
    records.put(
        MANIFEST_KEY,
        new WeightsRecord.Manifest(
            run,
            version,
            published.epoch(),
            published.step(),
            published.weights().sha256(),
            bytes.length,
            chunks,
            published.weights().tensors(),
            published.publishedAtMillis()));
    return records;
  }
}
