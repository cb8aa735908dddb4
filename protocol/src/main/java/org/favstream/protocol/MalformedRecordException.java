// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

/** Bytes that are not the record they should be; the message says what is wrong with them. */
public final class MalformedRecordException extends Exception {
  private static final long serialVersionUID = 1L;

  MalformedRecordException(String message, Throwable cause) {
    super(message, cause);
  }
}
