// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.favstream.protocol.TensorSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {
  private static final TensorSpec MATRIX = TensorSpec.of("layer.weight", 2, 2);
  private static final TensorSpec BIAS = TensorSpec.of("layer.bias", 2);

  @TempDir private Path folder;

  private static Safetensors content() {
    Map<TensorSpec, float[]> tensors = new LinkedHashMap<>();
    tensors.put(MATRIX, new float[] {1, -2.5f, 0.1f, 4});
    tensors.put(BIAS, new float[] {-0f, Float.NaN});
    return new Safetensors(Map.of("job", "toy", "step", "7 \"é\""), tensors);
  }

  private Path written(Safetensors content) throws IOException {
    Path file = folder.resolve("weights.safetensors");
    content.write(file);
    return file;
  }

  /** A file with this header and these numbers, as anybody might write it. */
  private Path foreign(String header, float... numbers) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + json.length + 4 * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json);
    for (float number : numbers) {
      bytes.putFloat(number);
    }
    return Files.write(folder.resolve("foreign.safetensors"), bytes.array());
  }

  private static void assertRefused(Path file, String reason) {
    assertThatThrownBy(() -> Safetensors.read(file))
        .isInstanceOf(WeightsException.class)
        .hasMessageContaining("weights file " + file + ": ")
        .hasMessageContaining(reason);
  }

  @Test
  void shouldComeBackWhenWrittenAndRead() throws Exception {
    Safetensors content = content();
    Safetensors back = Safetensors.read(written(content));
    assertThat(back.metadata()).isEqualTo(content.metadata());
    assertThat(back.tensors().keySet()).containsExactly(MATRIX, BIAS);
    back.tensors()
        .forEach((name, numbers) -> assertThat(numbers).isEqualTo(content.tensors().get(name)));
  }

  @Test
  void shouldBeTheWeightsAgainWhenTheyWereWritten() throws Exception {
    Weights weights = new Weights(List.of(MATRIX, BIAS), new float[] {1, 2, 3, 4, 5, 6});
    assertThat(Safetensors.read(written(Safetensors.of(weights, Map.of()))).toWeights())
        .isEqualTo(weights);
  }

  @Test
  void shouldNameTheTensorWhenWeightsAreNotFinite() throws Exception {
    Safetensors back = Safetensors.read(written(content()));
    assertThatThrownBy(back::toWeights)
        .isInstanceOf(WeightsException.class)
        .hasMessage("tensor layer.bias holds NaN");
  }

  @Test
  void shouldHaveTheBytesThatTheFormatAsksForWhenWritten() throws Exception {
    ByteBuffer bytes =
        ByteBuffer.wrap(Files.readAllBytes(written(content()))).order(ByteOrder.LITTLE_ENDIAN);
    long headerBytes = bytes.getLong();
    assertThat(headerBytes % 8).isZero();
    byte[] text = new byte[(int) headerBytes];
    bytes.get(text);
    assertThat(text[0]).isEqualTo((byte) '{');
    JsonNode header = new ObjectMapper().readTree(text);
    assertThat(header.at("/layer.weight").toString())
        .isEqualTo("{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]}");
    assertThat(header.at("/layer.bias").toString())
        .isEqualTo("{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[16,24]}");
    assertThat(header.at("/__metadata__/job").textValue()).isEqualTo("toy");
    assertThat(header.at("/__metadata__/step").textValue()).isEqualTo("7 \"é\"");
    assertThat(header.at("/__metadata__/favstream.sha256").textValue()).matches("[0-9a-f]{64}");
    assertThat(header.size()).isEqualTo(3);
    float[] numbers = new float[6];
    for (int i = 0; i < 6; i++) {
      numbers[i] = bytes.getFloat();
    }
    assertThat(numbers).containsExactly(1, -2.5f, 0.1f, 4, -0f, Float.NaN);
    assertThat(bytes.remaining()).isZero();
  }

  @Test
  void shouldReadAFileWhenItHasNoDigestAndItsHeaderIsInAnotherOrder() throws Exception {
    Path file =
        foreign(
            """
            {"b":{"dtype":"F32","shape":[],"data_offsets":[8,12]},
             "a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},
             "__metadata__":{"format":"pt"}}\
            """,
            1,
            2,
            3);
    Safetensors content = Safetensors.read(file);
    assertThat(content.metadata()).isEqualTo(Map.of("format", "pt"));
    assertThat(content.tensors().keySet())
        .containsExactly(TensorSpec.of("a", 1, 2), TensorSpec.of("b"));
    assertThat(content.toWeights().values()).containsExactly(1, 2, 3);
  }

  @Test
  void shouldRefuseAFileWhenANumberInItHasChanged() throws Exception {
    Path file = written(content());
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 9] ^= 1;
    Files.write(file, bytes);
    assertRefused(file, "its digest is ");
  }

  @ParameterizedTest
  @CsvSource({"layer.bias,layer.bios", "toy,tof", "job,jab"})
  void shouldRefuseAFileWhenATextInItHasChanged(String from, String to) throws Exception {
    Path file = written(content());
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    Files.writeString(file, text.replace(from, to), StandardCharsets.ISO_8859_1);
    assertRefused(file, "its digest is ");
  }

  @Test
  void shouldRefuseAFileWhenItIsCutAnywhere() throws Exception {
    Path file = written(content());
    byte[] all = Files.readAllBytes(file);
    for (int length = 0; length < all.length; length++) {
      Files.write(file, Arrays.copyOf(all, length));
      assertRefused(file, "");
    }
  }

  @Test
  void shouldRefuseAFileWhenItIsLongerThanItsTensors() throws Exception {
    Path file = written(content());
    byte[] all = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(all, all.length + 4));
    assertRefused(file, "24 bytes of tensors, but the file holds 28");
  }

  @Test
  void shouldNameTheTypeWhenATensorIsNotFloat32() throws Exception {
    assertRefused(
        foreign("{\"a\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[0,4]}}", 1),
        "tensor a is of dtype BF16, expected F32");
  }

  @ParameterizedTest
  @CsvSource({
    "0,8,4,12", // overlapping
    "0,8,4,16", // overlapping, of another size than its shape
    "0,8,12,20", // a gap
    "0,4,4,12", // too few bytes
    "0,8,8,12", // too few bytes in the second
    "0,8,8,24", // beyond the end
    "-8,0,0,8" // before the beginning
  })
  void shouldNameTheTensorWhenItsOffsetsCannotBe(int a0, int a1, int b0, int b1)
      throws IOException {
    String header =
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[%d,%d]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[%d,%d]}}";
    assertRefused(foreign(header.formatted(a0, a1, b0, b1), 1, 2, 3, 4), "stands at bytes");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[0] | not a safetensors file: tensor a: shape [0]",
        "[-1,2] | not a safetensors file: tensor a: shape [-1, 2]",
        "[65536,65536] | not a safetensors file: ",
        "[1] | tensor a[1] stands at bytes 0 to 8 of 8, expected 0 to 4",
        "[4294967298] | tensor a has shape [4294967298]",
        "[2.5] | tensor a has shape [2.5]"
      })
  void shouldRefuseAFileWhenAShapeCannotBe(String shape, String reason) throws IOException {
    assertRefused(
        foreign(
            "{\"a\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[0,8]}}".formatted(shape),
            1,
            2),
        reason);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 200, Integer.MAX_VALUE, 1L << 33, Long.MAX_VALUE, -1, Long.MIN_VALUE})
  void shouldRefuseAFileWhenItsHeaderCannotBeThatLong(long length) throws IOException {
    Path file = foreign("{}");
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
    Files.write(file, bytes);
    assertRefused(file, "no safetensors header");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"a\": | not a safetensors file: ",
        "garbage | not a safetensors file: ",
        "{\"a\":3} | tensor a is of dtype ",
        "{\"a\":{\"dtype\":\"F32\"}} | tensor a[] stands at bytes -1 to -1 of 0",
      })
  void shouldRefuseAFileWhenItsHeaderIsUnsound(String header, String reason) throws IOException {
    assertRefused(foreign(header), reason);
  }

  @Test
  void shouldNameTheFileWhenItIsMissing() {
    assertRefused(folder.resolve("none.safetensors"), "there is no such file");
  }

  @Test
  void shouldNameTheFileWhenItIsAFolder() {
    assertRefused(folder, "it is a folder");
  }

  @Test
  void shouldCallAStreamByItsNameWhenItIsBroken() {
    assertThatThrownBy(() -> Safetensors.read(new ByteArrayInputStream(new byte[3]), "bundled"))
        .isInstanceOf(WeightsException.class)
        .hasMessage("weights file bundled: no safetensors header");
  }

  @Test
  void shouldReplaceTheFileAndLeaveNothingBesideItWhenWrittenAgain() throws Exception {
    Path file = written(content());
    Weights weights = new Weights(List.of(BIAS), new float[] {5, 6});
    assertThat(written(Safetensors.of(weights, Map.of()))).isEqualTo(file);
    assertThat(Safetensors.read(file).toWeights()).isEqualTo(weights);
    assertThat(names()).containsExactly("weights.safetensors");
  }

  @Test
  void shouldLeaveNothingBesideTheFileWhenItCannotBeReplaced() throws Exception {
    Path taken = Files.createDirectories(folder.resolve("weights.safetensors"));
    Files.createFile(taken.resolve("in-the-way"));
    assertThatThrownBy(() -> written(content())).isInstanceOf(IOException.class);
    assertThat(names()).containsExactly("weights.safetensors");
  }

  @Test
  void shouldBeReadableToWhomOrdinaryFilesAreWhenWritten() throws Exception {
    assumeThat(FileSystems.getDefault().supportedFileAttributeViews())
        .describedAs("file modes exist on POSIX file systems only")
        .contains("posix");
    Path ordinary = Files.createFile(folder.resolve("ordinary"));
    assertThat(Files.getPosixFilePermissions(written(content())))
        .isEqualTo(Files.getPosixFilePermissions(ordinary));
  }

  @Test
  void shouldStayAsItIsWhenACallersMapChanges() {
    Map<TensorSpec, float[]> tensors = new LinkedHashMap<>();
    tensors.put(BIAS, new float[2]);
    Safetensors content = new Safetensors(Map.of(), tensors);
    tensors.put(MATRIX, new float[4]);
    assertThat(content.tensors()).containsOnlyKeys(BIAS);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
