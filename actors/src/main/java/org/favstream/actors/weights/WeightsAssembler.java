// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.weights;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.favstream.protocol.Topics;
import org.favstream.protocol.WeightsRecord;

/**
 * Puts the records of the topic weights together again. Feed it every record in order; it holds the
 * chunks of the newest two versions only.
 */
public final class WeightsAssembler {
  /** More than anyone's few-step generator; a manifest beyond it is not believed. */
  private static final long MAX_BYTES = Integer.MAX_VALUE;

  private final Map<Long, Map<Integer, ByteBuffer>> chunks = new HashMap<>();

  /**
   * Takes the next record.
   *
   * @return the weights that it completes; empty for a chunk, and for a manifest whose chunks were
   *     compacted away or never came
   * @throws WeightsException where a complete version does not verify
   */
  public Optional<PublishedWeights> add(WeightsRecord record) throws WeightsException {
    if (record instanceof WeightsRecord.Chunk chunk) {
      chunks
          .computeIfAbsent(chunk.version(), version -> new HashMap<>())
          .put(chunk.index(), chunk.data());
      chunks.keySet().removeIf(version -> version < chunk.version() - 1);
      return Optional.empty();
    }
    WeightsRecord.Manifest manifest = (WeightsRecord.Manifest) record;
    Map<Integer, ByteBuffer> pieces = chunks.remove(manifest.version());
    chunks.keySet().removeIf(version -> version < manifest.version());
    if (pieces == null || pieces.size() < manifest.chunks()) {
      return Optional.empty();
    }
    return Optional.of(verified(manifest, pieces));
  }

  private static PublishedWeights verified(
      WeightsRecord.Manifest manifest, Map<Integer, ByteBuffer> pieces) throws WeightsException {
    String name = "weights version " + manifest.version();
    if (manifest.size() > Math.min(MAX_BYTES, (long) manifest.chunks() * Topics.CHUNK_BYTES)) {
      throw new WeightsException(
          "%s: %d bytes in %d chunks cannot be"
              .formatted(name, manifest.size(), manifest.chunks()));
    }
    ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(manifest.size()));
    for (int i = 0; i < manifest.chunks(); i++) {
      ByteBuffer piece = pieces.get(i);
      if (piece == null || piece.remaining() > all.remaining()) {
        throw new WeightsException(
            "%s: chunk %d of %d is missing or too long".formatted(name, i, manifest.chunks()));
      }
      all.put(piece.duplicate());
    }
    String digest = Weights.digest(all.array());
    if (all.hasRemaining() || !digest.equals(manifest.sha256())) {
      throw new WeightsException(
          "%s: its bytes have digest %s, its manifest says %s"
              .formatted(name, digest, manifest.sha256()));
    }
    try {
      return new PublishedWeights(
          manifest.version(),
          manifest.epoch(),
          manifest.step(),
          Weights.fromBytes(manifest.tensors(), all.flip()),
          manifest.createdAtMillis());
    } catch (WeightsException e) {
      throw new WeightsException(name + ": " + e.getMessage(), e);
    }
  }
}
