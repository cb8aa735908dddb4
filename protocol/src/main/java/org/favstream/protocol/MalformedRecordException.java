// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

/** Bytes that are not the record they should be; the message says what is wrong with them. */
public final class MalformedRecordException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String reason;

  MalformedRecordException(String reason, Throwable cause) {
    super(reason, cause);
    this.reason = reason;
  }

  /** What is wrong with the bytes. */
  public String reason() {
    return reason;
  }
}
