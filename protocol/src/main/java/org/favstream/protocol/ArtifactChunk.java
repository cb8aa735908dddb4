// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

import java.nio.ByteBuffer;

/**
 * A part of a file.
 *
 * @param sha256 of the whole file, lower-case hex
 * @param index which part, from 0
 * @param chunks how many there are
 * @param data read-only
 */
public record ArtifactChunk(String sha256, int index, int chunks, ByteBuffer data) {
  public ArtifactChunk {
    Fields.digest("artifact.sha256", sha256);
    if (index < 0 || index >= chunks) {
      throw new IllegalArgumentException(
          "chunk %d of %d: expected 0 to %d".formatted(index, chunks, chunks - 1));
    }
    data = data.asReadOnlyBuffer();
  }

  /** Its key on the topic: the newest of a key is kept for ever. */
  public String key() {
    return sha256 + "/" + index;
  }
}
