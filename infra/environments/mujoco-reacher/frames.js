// SPDX-License-Identifier: Apache-2.0

const HEADER_BYTES = 4;
const MAX_BYTES = 16 << 20;

/** The messages in a stream of bytes, each behind its length as a big-endian uint32. */
export async function* messages(chunks) {
  let bytes = Buffer.alloc(0);
  for await (const chunk of chunks) {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    while (bytes.length >= HEADER_BYTES) {
      const length = bytes.readUInt32BE(0);
      if (length > MAX_BYTES) {
        throw new RangeError(`a frame of ${length} bytes; at most ${MAX_BYTES} go`);
      }
      const end = HEADER_BYTES + length;
      if (bytes.length < end) {
        break;
      }
      yield bytes.subarray(HEADER_BYTES, end);
      bytes = bytes.subarray(end);
    }
  }
}

/** A message behind its length. */
export function frame(message) {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(message.length, 0);
  return Buffer.concat([header, message]);
}
