// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

import java.nio.ByteBuffer;
import java.util.List;

/** A value on the topic weights: {@link Chunk}s, and after them the {@link Manifest}. */
public sealed interface WeightsRecord {

  /** The publication number it belongs to. */
  long version();

  /**
   * A piece of the weights' bytes.
   *
   * @param index its place, from 0
   * @param data the bytes; read-only
   */
  record Chunk(long version, int index, ByteBuffer data) implements WeightsRecord {
    public Chunk {
      Fields.notNegative("chunk.version", version);
      Fields.notNegative("chunk.index", index);
      data = data.asReadOnlyBuffer();
    }
  }

  /**
   * What the chunks before it make together.
   *
   * @param run the run's id
   * @param epoch which life of the learner published it
   * @param step learner steps behind it
   * @param sha256 lower-case hex digest of all bytes
   * @param size how many bytes
   * @param chunks how many chunks
   * @param tensors names and shapes, in the order of the bytes
   */
  record Manifest(
      String run,
      long version,
      long epoch,
      long step,
      String sha256,
      long size,
      int chunks,
      List<TensorSpec> tensors,
      long createdAtMillis)
      implements WeightsRecord {
    public Manifest {
      Fields.notBlank("run", run);
      Fields.notNegative("manifest.version", version);
      Fields.notNegative("manifest.epoch", epoch);
      Fields.notNegative("manifest.step", step);
      Fields.notNegative("manifest.size", size);
      Fields.notNegative("manifest.chunks", chunks);
      tensors = List.copyOf(tensors);
      Fields.digest("manifest.sha256", sha256);
    }
  }
}
