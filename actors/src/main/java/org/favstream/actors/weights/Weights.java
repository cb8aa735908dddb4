// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import org.favstream.protocol.TensorSpec;

/** Immutable, finite weights: one flat vector with the names and shapes of its tensors. */
public final class Weights {
  private final List<TensorSpec> tensors;
  private final float[] values;
  private final String sha256;

  /**
   * Weights with a copy of these values.
   *
   * @param tensors in the order of the values
   * @param values all of them, finite
   * @throws WeightsException where the sizes disagree or a value is NaN or infinite
   */
  public Weights(List<TensorSpec> tensors, float[] values) throws WeightsException {
    long expected = tensors.stream().mapToLong(TensorSpec::length).sum();
    if (expected != values.length) {
      throw new WeightsException(
          "tensors %s need %d values, got %d".formatted(tensors, expected, values.length));
    }
    this.tensors = List.copyOf(tensors);
    this.values = values.clone();
    int next = 0;
    for (TensorSpec tensor : tensors) {
      int end = next + tensor.length();
      while (next < end) {
        float value = values[next++];
        if (!Float.isFinite(value)) {
          throw new WeightsException("tensor %s holds %s".formatted(tensor.name(), value));
        }
      }
    }
    this.sha256 = digest(toBytes());
  }

  /**
   * Weights from their bytes.
   *
   * @param bytes little-endian float32
   * @throws WeightsException as the constructor does
   */
  static Weights fromBytes(List<TensorSpec> tensors, ByteBuffer bytes) throws WeightsException {
    if (bytes.remaining() % Float.BYTES != 0) {
      throw new WeightsException("%d bytes are no float32 values".formatted(bytes.remaining()));
    }
    float[] values = new float[bytes.remaining() / Float.BYTES];
    bytes.slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return new Weights(tensors, values);
  }

  /** Names and shapes, in the order of the values. */
  public List<TensorSpec> tensors() {
    return tensors;
  }

  /** A copy of all values. */
  public float[] values() {
    return values.clone();
  }

  /** How many values there are. */
  public int length() {
    return values.length;
  }

  /** All values as little-endian float32. */
  public byte[] toBytes() {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }

  /** Lower-case hex SHA-256 of {@link #toBytes()}. */
  public String sha256() {
    return sha256;
  }

  /**
   * These weights, for a network of this layout.
   *
   * @param expected the network's tensors
   * @throws WeightsException where names or shapes differ, naming the first that does
   */
  public Weights requireTensors(List<TensorSpec> expected) throws WeightsException {
    if (tensors.equals(expected)) {
      return this;
    }
    for (int i = 0; i < Math.max(expected.size(), tensors.size()); i++) {
      Object got = i < tensors.size() ? tensors.get(i) : "nothing";
      Object want = i < expected.size() ? expected.get(i) : "nothing";
      if (!got.equals(want)) {
        throw new WeightsException(
            "weights of another generator: tensor %d is %s, expected %s".formatted(i, got, want));
      }
    }
    throw new IllegalStateException("unequal lists without a difference");
  }

  static String digest(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Weights that
        && tensors.equals(that.tensors)
        && sha256.equals(that.sha256);
  }

  @Override
  public int hashCode() {
    return sha256.hashCode();
  }

  @Override
  public String toString() {
    return "Weights[%d values, %s]".formatted(values.length, sha256.substring(0, 12));
  }
}
