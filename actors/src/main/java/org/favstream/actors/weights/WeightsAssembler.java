// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.weights;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.favstream.protocol.WeightsRecord;

/**
 * Puts the records of the topic weights together again. Feed it every record in order; it holds the
 * chunks of the newest two versions only.
 */
public final class WeightsAssembler {
  /** More than anyone's few-step generator, and what an array holds. */
  private static final long MAX_BYTES = Integer.MAX_VALUE - 8;

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
    List<ByteBuffer> ordered = new ArrayList<>();
    long size = 0;
    for (int i = 0; i < manifest.chunks(); i++) {
      ByteBuffer piece = pieces.get(i);
      if (piece == null) {
        throw new WeightsException(
            "%s: chunk %d of %d is missing".formatted(name, i, manifest.chunks()));
      }
      ordered.add(piece);
      size += piece.remaining();
    }
    // Before memory is asked for: a manifest may claim what it likes.
    if (size != manifest.size() || size > MAX_BYTES) {
      throw new WeightsException(
          "%s: %d bytes in %d chunks, its manifest says %d"
              .formatted(name, size, manifest.chunks(), manifest.size()));
    }
    ByteBuffer all = ByteBuffer.allocate((int) size);
    ordered.forEach(piece -> all.put(piece.duplicate()));
    String digest = Weights.digest(all.array());
    if (!digest.equals(manifest.sha256())) {
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
