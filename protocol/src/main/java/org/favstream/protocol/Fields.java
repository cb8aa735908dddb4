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

  static void digest(String name, String value) {
    if (!value.matches("[0-9a-f]{64}")) {
      throw new IllegalArgumentException(name + " must be 64 hex digits, got " + value);
    }
  }

  static void digestOrEmpty(String name, String value) {
    if (!value.isEmpty()) {
      digest(name, value);
    }
  }

  static void rank(String name, Tensor tensor, int rank) {
    if (tensor.rank() != rank) {
      throw new IllegalArgumentException(
          "%s must have %d axes, got %s".formatted(name, rank, tensor));
    }
  }
}
