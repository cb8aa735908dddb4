// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

/** What the records demand of their fields, said in one way. */
final class Fields {
  private Fields() {}

  static void notBlank(String name, String value) {
    if (value.isBlank()) {
      throw new IllegalArgumentException(name + " must not be empty");
    }
  }

  static void notNegative(String name, long value) {
    if (value < 0) {
      throw new IllegalArgumentException(name + " must be at least 0, got " + value);
    }
  }

  static void sha256(String name, String hex) {
    if (!hex.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException(
          "%s must be 64 lower-case hex digits, got '%s'".formatted(name, hex));
    }
  }

  static void rank(String name, Tensor tensor, int rank) {
    if (tensor.rank() != rank) {
      throw new IllegalArgumentException(
          "%s must have %d axes, got %s".formatted(name, rank, tensor));
    }
  }
}
