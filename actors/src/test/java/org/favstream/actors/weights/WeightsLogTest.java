// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.weights;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.favstream.protocol.TensorSpec;
import org.favstream.protocol.Topics;
import org.favstream.protocol.WeightsRecord;
import org.junit.jupiter.api.Test;

class WeightsLogTest {

  private static Map<String, WeightsRecord> records(long version, int values) throws Exception {
    Weights weights = new Weights(List.of(TensorSpec.of("w", values)), new float[values]);
    return WeightsLog.records("run-1", new PublishedWeights(version, 2, 36, weights, 17));
  }

  @Test
  void shouldSendTheManifestLastWhenWeightsGoInChunks() throws Exception {
    int perChunk = Topics.CHUNK_BYTES / Float.BYTES;
    Map<String, WeightsRecord> records = records(9, 2 * perChunk + 1);
    assertThat(records.keySet()).containsExactly("1/0", "1/1", "1/2", "manifest");
    assertThat(records.values())
        .filteredOn(WeightsRecord.Chunk.class::isInstance)
        .extracting(record -> ((WeightsRecord.Chunk) record).data().remaining())
        .containsExactly(Topics.CHUNK_BYTES, Topics.CHUNK_BYTES, Float.BYTES);
    assertThat(records.get("manifest"))
        .isEqualTo(
            new WeightsRecord.Manifest(
                "run-1",
                9,
                2,
                36,
                Weights.digest(new byte[2 * Topics.CHUNK_BYTES + 4]),
                2 * Topics.CHUNK_BYTES + 4,
                3,
                List.of(TensorSpec.of("w", 2 * perChunk + 1)),
                17));
  }

  @Test
  void shouldUseTheOtherSlotWhenTheNextVersionComes() throws Exception {
    assertThat(records(4, 1).keySet()).containsExactly("0/0", "manifest");
    assertThat(records(5, 1).keySet()).containsExactly("1/0", "manifest");
    assertThat(records(6, 1).keySet()).containsExactly("0/0", "manifest");
  }

  @Test
  void shouldFillTheChunkWhenTheSizeIsJustAChunk() throws Exception {
    assertThat(records(0, Topics.CHUNK_BYTES / Float.BYTES).keySet())
        .containsExactly("0/0", "manifest");
  }
}
