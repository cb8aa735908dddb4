// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

import java.nio.ByteBuffer;

/**
 * A record that a node could not use, with its place and the reason.
 *
 * @param run the run's id
 * @param topic where it stood
 * @param reason what was wrong, for people
 * @param node who refused it
 * @param payload its value, cut at {@link #MAX_PAYLOAD} bytes; read-only
 * @param atMillis when, in ms since the epoch
 */
public record DeadLetter(
    String run,
    String topic,
    int partition,
    long offset,
    String reason,
    String node,
    ByteBuffer payload,
    long atMillis) {

  /** The most that is kept of a value, in bytes. */
  public static final int MAX_PAYLOAD = 64 * 1024;

  public DeadLetter {
    Fields.notBlank("topic", topic);
    Fields.notBlank("reason", reason);
    payload =
        payload
            .slice(payload.position(), Math.min(payload.remaining(), MAX_PAYLOAD))
            .asReadOnlyBuffer();
  }
}
