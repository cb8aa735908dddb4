// SPDX-License-Identifier: Apache-2.0

const HEADER_BYTES = 4;
const MAX_BYTES = 16 << 20;

/** Takes a stream apart into its messages, each behind its length as a big-endian uint32. */
export class FrameReader {
  #bytes = Buffer.alloc(0);

  /** The messages that are complete with a further chunk. */
  *read(chunk) {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    while (this.#bytes.length >= HEADER_BYTES) {
      const length = this.#bytes.readUInt32BE(0);
      if (length > MAX_BYTES) {
        throw new RangeError(`a frame of ${length} bytes; at most ${MAX_BYTES} go`);
      }
      const end = HEADER_BYTES + length;
      if (this.#bytes.length < end) {
        return;
      }
      const message = this.#bytes.subarray(HEADER_BYTES, end);
      this.#bytes = this.#bytes.subarray(end);
      yield message;
    }
  }
}

/** A message behind its length. */
export function frame(message) {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(message.length, 0);
  return Buffer.concat([header, message]);
}
