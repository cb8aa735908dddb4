// SPDX-License-Identifier: Apache-2.0
package org.favstream.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.favstream.protocol.wire.GenerationProto;
import org.favstream.protocol.wire.GroupIdProto;
import org.favstream.protocol.wire.NoiseProto;
import org.favstream.protocol.wire.TensorProto;
import org.favstream.protocol.wire.TensorSpecProto;
import org.favstream.protocol.wire.WeightsManifestProto;
import org.favstream.protocol.wire.WeightsRecordProto;
import org.junit.jupiter.api.Test;

class CodecTest {

  @Test
  void shouldGiveTheSameRecordWhenEncodedAndDecoded() throws Exception {
    for (Map.Entry<String, Records.Encoded<?>> entry : Records.all().entrySet()) {
      Records.Encoded<?> record = entry.getValue();
      assertThat((Object) record.decode(record.bytes()))
          .describedAs(entry.getKey())
          .isEqualTo(record.value());
    }
  }

  @Test
  void shouldRefuseOrReadButNeverFailOtherwiseWhenBytesAreBroken() {
    Random random = new Random(11);
    for (Records.Encoded<?> record : Records.all().values()) {
      for (int trial = 0; trial < 300; trial++) {
        byte[] bytes = record.bytes();
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        byte[] cut = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
        try {
          assertThat((Object) record.decode(cut)).isNotNull();
        } catch (MalformedRecordException refused) {
          assertThat(refused).hasMessageMatching("(?s)(an unsound|\\d+ bytes that are no) .+");
        }
      }
    }
  }

  @Test
  void shouldRefuseWhenTheMessageEndsBeforeItsBytesDo() {
    for (Records.Encoded<?> record : Records.all().values()) {
      byte[] sound = record.bytes();
      byte[] bytes = Arrays.copyOf(sound, sound.length + 1);
      bytes[sound.length] = 0x0c; // the end of a group that never began
      assertThatThrownBy(() -> record.decode(bytes))
          .isInstanceOf(MalformedRecordException.class)
          .hasMessageStartingWith(bytes.length + " bytes that are no ");
    }
  }

  private static GenerationProto.Builder headed() {
    return GenerationProto.newBuilder()
        .setRun("run-1")
        .setId(GroupIdProto.newBuilder().setSampler("s"));
  }

  @Test
  void shouldNameTheFaultWhenShapeAndDataDisagree() {
    byte[] bytes =
        headed()
            .setParticles(TensorProto.newBuilder().addShape(1).addShape(2).addShape(2))
            .build()
            .toByteArray();
    assertThatThrownBy(() -> Codec.GENERATION.decode(bytes))
        .isInstanceOf(MalformedRecordException.class)
        .hasMessage("an unsound generation: a tensor of shape [1, 2, 2] needs 4 numbers, got 0");
  }

  @Test
  void shouldNameTheKindOfNoiseThatItDoesNotKnow() {
    byte[] bytes =
        headed()
            .setNoise(NoiseProto.newBuilder().setKindValue(7))
            .setParticles(
                TensorProto.newBuilder()
                    .addShape(1)
                    .addShape(1)
                    .addShape(1)
                    .setData(ByteString.copyFrom(new byte[4])))
            .build()
            .toByteArray();
    assertThatThrownBy(() -> Codec.GENERATION.decode(bytes))
        .isInstanceOf(MalformedRecordException.class)
        .hasMessageContaining("noise.kind: got 7, expected 0 or 1");
  }

  @Test
  void shouldNameTheFaultWhenReferencesAreOfAnotherSize() {
    Generation sound = Records.CONDITIONAL;
    assertThatThrownBy(
            () ->
                new Generation(
                    sound.run(),
                    sound.id(),
                    0,
                    sound.noise(),
                    sound.contexts(),
                    sound.particles(),
                    java.util.Optional.of(Tensor.of(new int[] {2, 1, 3}, new float[6])),
                    0))
        .hasMessage("d of references: got Tensor[2, 1, 3] beside particles Tensor[2, 1, 2]");
  }

  @Test
  void shouldRefuseAManifestWhenATensorHasMoreNumbersThanAnArray() {
    byte[] bytes =
        WeightsRecordProto.newBuilder()
            .setManifest(
                WeightsManifestProto.newBuilder()
                    .setRun("run-1")
                    .setSha256(ByteString.copyFrom(new byte[32]))
                    .addTensors(
                        TensorSpecProto.newBuilder().setName("w").addShape(65536).addShape(65536)))
            .build()
            .toByteArray();
    assertThatThrownBy(() -> Codec.WEIGHTS.decode(bytes))
        .isInstanceOf(MalformedRecordException.class)
        .hasMessage("an unsound weights record: tensor w: shape [65536, 65536]");
  }

  @Test
  void shouldKeepItsNumbersWhenTheCallersArrayChanges() {
    float[] numbers = {1, 2};
    Tensor tensor = Tensor.of(new int[] {2}, numbers);
    numbers[0] = 9;
    tensor.toArray()[1] = 9;
    assertThat(tensor.toArray()).containsExactly(1, 2);
  }
}
