// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import org.favstream.protocol.TensorSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightsTest {
  private static final TensorSpec MATRIX = TensorSpec.of("layer.weight", 2, 2);
  private static final TensorSpec BIAS = TensorSpec.of("layer.bias", 2);
  private static final List<TensorSpec> TENSORS = List.of(MATRIX, BIAS);

  private static Weights weights(float... values) throws WeightsException {
    return new Weights(TENSORS, values);
  }

  @Test
  void shouldHaveTheDigestOfItsLittleEndianBytes() throws Exception {
    Weights weights = weights(1, -2, 0.5f, 0, 1e-40f, 3);
    assertThat(HexFormat.of().formatHex(weights.toBytes()))
        .isEqualTo("0000803f000000c00000003f00000000c216010000004040");
    // echo 0000803f… | xxd -r -p | sha256sum
    assertThat(weights.sha256())
        .isEqualTo("7b40b470baf3b1479dc317f8f9f7fffcb239c1bc078c12d3e7d0691dfc760419");
  }

  @Test
  void shouldComeBackWhenMadeOfItsBytes() throws Exception {
    Weights weights = weights(1, -2, 0.5f, -0f, Float.MIN_VALUE, 3);
    ByteBuffer bytes = ByteBuffer.allocate(30).position(3);
    bytes.put(weights.toBytes()).flip().position(3);
    Weights back = Weights.fromBytes(TENSORS, bytes);
    assertThat(back.values()).containsExactly(weights.values());
    assertThat(back).isEqualTo(weights).hasSameHashCodeAs(weights);
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void shouldNameTheTensorWhenAValueIsNotFinite(float value) {
    assertThatThrownBy(() -> weights(1, 1, 1, value, 1, 1))
        .isInstanceOf(WeightsException.class)
        .hasMessage("tensor layer.weight holds " + value);
    assertThatThrownBy(() -> weights(1, 1, 1, 1, 1, value))
        .isInstanceOf(WeightsException.class)
        .hasMessage("tensor layer.bias holds " + value);
  }

  @Test
  void shouldRefuseWhenThereAreMoreOrFewerValuesThanTheTensorsHold() {
    assertThatThrownBy(() -> weights(1, 2, 3, 4, 5))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("need 6 values, got 5");
    assertThatThrownBy(() -> weights(1, 2, 3, 4, 5, 6, 7))
        .hasMessageContaining("need 6 values, got 7");
  }

  @Test
  void shouldRefuseBytesWhenTheyEndWithinAValue() {
    assertThatThrownBy(() -> Weights.fromBytes(TENSORS, ByteBuffer.allocate(25)))
        .isInstanceOf(WeightsException.class)
        .hasMessage("25 bytes are no float32 values");
  }

  @Test
  void shouldStayAsItIsWhenACallersArrayChanges() throws Exception {
    float[] values = {1, 2, 3, 4, 5, 6};
    Weights weights = weights(values);
    values[0] = 9;
    weights.values()[1] = 9;
    weights.toBytes()[0] = 9;
    assertThat(weights).isEqualTo(weights(1, 2, 3, 4, 5, 6));
    assertThat(weights.values()).containsExactly(1, 2, 3, 4, 5, 6);
  }

  @Test
  void shouldDifferWhenAValueOrANameDoes() throws Exception {
    Weights weights = weights(1, 2, 3, 4, 5, 6);
    assertThat(weights(1, 2, 3, 4, 5, 6.000001f)).isNotEqualTo(weights);
    assertThat(
            new Weights(
                List.of(MATRIX, TensorSpec.of("other.bias", 2)), new float[] {1, 2, 3, 4, 5, 6}))
        .isNotEqualTo(weights);
    assertThat(weights.length()).isEqualTo(6);
    assertThat(weights.tensors()).isEqualTo(TENSORS);
  }

  @Test
  void shouldBeItselfWhenTheLayoutIsItsOwn() throws Exception {
    Weights weights = weights(1, 2, 3, 4, 5, 6);
    assertThat(weights.requireTensors(List.copyOf(TENSORS))).isSameAs(weights);
  }

  @Test
  void shouldNameTheFirstDifferenceWhenTheLayoutIsAnother() throws Exception {
    Weights weights = weights(1, 2, 3, 4, 5, 6);
    assertThatThrownBy(() -> weights.requireTensors(List.of(MATRIX, TensorSpec.of("bias", 2))))
        .isInstanceOf(WeightsException.class)
        .hasMessage("weights of another generator: tensor 1 is layer.bias[2], expected bias[2]");
    assertThatThrownBy(
            () -> weights.requireTensors(List.of(TensorSpec.of("layer.weight", 4, 1), BIAS)))
        .hasMessageContaining("tensor 0 is layer.weight[2, 2], expected layer.weight[4, 1]");
    assertThatThrownBy(() -> weights.requireTensors(List.of(MATRIX)))
        .hasMessageContaining("tensor 1 is layer.bias[2], expected nothing");
    assertThatThrownBy(
            () -> weights.requireTensors(List.of(MATRIX, BIAS, TensorSpec.of("more", 1))))
        .hasMessageContaining("tensor 2 is nothing, expected more[1]");
  }
}
