// SPDX-License-Identifier: Apache-2.0
package org.favstream.actors.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.favstream.protocol.TensorSpec;

/**
 * The content of a <a href="https://huggingface.co/docs/safetensors">safetensors</a> file of
 * float32 tensors. Files that we write carry a digest of everything in them, which reading checks;
 * others' files are read without one.
 *
 * @param metadata text by name
 * @param tensors numbers by name and shape, in the order of the file
 */
public record Safetensors(Map<String, String> metadata, Map<TensorSpec, float[]> tensors) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String METADATA = "__metadata__";
  private static final String DIGEST = "favstream.sha256";
  private static final int MAX_HEADER_BYTES = 64 * 1024 * 1024;

  public Safetensors {
    metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
  }

  /** The content that holds these weights. */
  public static Safetensors of(Weights weights, Map<String, String> metadata) {
    Map<TensorSpec, float[]> tensors = new LinkedHashMap<>();
    float[] values = weights.values();
    int first = 0;
    for (TensorSpec tensor : weights.tensors()) {
      float[] part = new float[tensor.length()];
      System.arraycopy(values, first, part, 0, part.length);
      tensors.put(tensor, part);
      first += part.length;
    }
    return new Safetensors(metadata, tensors);
  }

  /**
   * All tensors as one flat vector.
   *
   * @throws WeightsException where a number is NaN or infinite
   */
  public Weights toWeights() throws WeightsException {
    int length = tensors.values().stream().mapToInt(part -> part.length).sum();
    float[] values = new float[length];
    int first = 0;
    for (float[] part : tensors.values()) {
      System.arraycopy(part, 0, values, first, part.length);
      first += part.length;
    }
    return new Weights(List.copyOf(tensors.keySet()), values);
  }

  /**
   * The tensors of a network as one flat vector. The file may hold them in another order, as
   * Python's writers do, which sort by name.
   *
   * @param expected the network's tensors
   * @throws WeightsException where names or shapes differ, or a number is NaN or infinite
   */
  public Weights toWeights(List<TensorSpec> expected) throws WeightsException {
    if (!tensors.keySet().equals(Set.copyOf(expected))) {
      return toWeights().requireTensors(expected);
    }
    Map<TensorSpec, float[]> ordered = new LinkedHashMap<>();
    expected.forEach(tensor -> ordered.put(tensor, tensors.getOrDefault(tensor, new float[0])));
    return new Safetensors(metadata, ordered).toWeights();
  }

  /**
   * Writes the file: aside, forced to disk, then renamed, so that it is never seen half written.
   *
   * @throws IOException where the disk refuses
   */
  public void write(Path file) throws IOException {
    ByteBuffer data = data();
    ObjectNode header = JSON.createObjectNode();
    ObjectNode texts = header.putObject(METADATA);
    metadata.forEach(texts::put);
    texts.put(DIGEST, digest(data));
    int first = 0;
    for (TensorSpec tensor : tensors.keySet()) {
      int end = first + tensor.length() * Float.BYTES;
      ObjectNode entry = header.putObject(tensor.name()).put("dtype", "F32");
      ArrayNode shape = entry.putArray("shape");
      tensor.shape().forEach(shape::add);
      entry.putArray("data_offsets").add(first).add(end);
      first = end;
    }
    byte[] json = JSON.writeValueAsBytes(header);
    int padded = (json.length + 7) / 8 * 8; // the format asks for aligned data
    ByteBuffer head = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
    head.putLong(padded).put(json);
    while (head.hasRemaining()) {
      head.put((byte) ' ');
    }
    head.flip();

    // Not a temporary file of the JDK's: those are for their owner's eyes only, and stay so.
    Path aside = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".part");
    try {
      try (FileChannel channel =
          FileChannel.open(aside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        for (ByteBuffer part : List.of(head, data)) {
          while (part.hasRemaining()) {
            channel.write(part);
          }
        }
        channel.force(true);
      }
      Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(aside);
    }
  }

  private ByteBuffer data() {
    int length = tensors.values().stream().mapToInt(part -> part.length).sum();
    ByteBuffer data =
        ByteBuffer.allocate(Math.multiplyExact(length, Float.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
    tensors
        .values()
        .forEach(
            part -> {
              data.asFloatBuffer().put(part);
              data.position(data.position() + part.length * Float.BYTES);
            });
    return data.flip();
  }

  private String digest(ByteBuffer data) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      metadata.forEach(
          (name, text) -> {
            if (!name.equals(DIGEST)) {
              digest.update((name + "=" + text + "\n").getBytes(StandardCharsets.UTF_8));
            }
          });
      for (TensorSpec tensor : tensors.keySet()) {
        digest.update((tensor + "\n").getBytes(StandardCharsets.UTF_8));
      }
      digest.update(data.duplicate());
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  /**
   * Reads a file.
   *
   * @throws WeightsException where it is missing, a folder, cut short, of other numbers than
   *     float32, or not what its digest says; the message names it
   * @throws IOException where the disk refuses
   */
  public static Safetensors read(Path file) throws IOException, WeightsException {
    if (Files.isDirectory(file)) {
      throw new WeightsException("weights file %s: it is a folder".formatted(file));
    }
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, file.toString());
    } catch (NoSuchFileException e) {
      throw new WeightsException("weights file %s: there is no such file".formatted(file), e);
    }
  }

  /**
   * As {@link #read(Path)}, from a stream.
   *
   * @param name what messages call it
   */
  public static Safetensors read(InputStream in, String name) throws IOException, WeightsException {
    try {
      ByteBuffer all = ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
      long headerBytes = all.remaining() < 8 ? -1 : all.getLong();
      if (headerBytes < 2 || headerBytes > Math.min(all.remaining(), MAX_HEADER_BYTES)) {
        throw new WeightsException("no safetensors header");
      }
      byte[] json = new byte[(int) headerBytes];
      all.get(json);
      return parse(JSON.readTree(json), all.slice().order(ByteOrder.LITTLE_ENDIAN));
    } catch (JsonProcessingException | IllegalArgumentException | ArithmeticException e) {
      throw new WeightsException(
          "weights file %s: not a safetensors file: %s".formatted(name, e.getMessage()), e);
    } catch (WeightsException e) {
      throw new WeightsException("weights file %s: %s".formatted(name, e.getMessage()), e);
    }
  }

  private static Safetensors parse(JsonNode header, ByteBuffer data) throws WeightsException {
    Map<String, String> metadata = new TreeMap<>();
    List<Entry> entries = new ArrayList<>();
    for (Map.Entry<String, JsonNode> field : header.properties()) {
      if (field.getKey().equals(METADATA)) {
        field.getValue().properties().forEach(t -> metadata.put(t.getKey(), t.getValue().asText()));
      } else {
        entries.add(Entry.parse(field.getKey(), field.getValue()));
      }
    }
    entries.sort(Comparator.comparingLong(Entry::begin));
    Map<TensorSpec, float[]> tensors = new LinkedHashMap<>();
    long end = 0;
    for (Entry entry : entries) {
      long bytes = 4L * entry.tensor().length();
      if (entry.begin() != end || entry.end() != end + bytes || entry.end() > data.capacity()) {
        throw new WeightsException(
            "tensor %s stands at bytes %d to %d of %d, expected %d to %d"
                .formatted(
                    entry.tensor(), entry.begin(), entry.end(), data.capacity(), end, end + bytes));
      }
      float[] numbers = new float[entry.tensor().length()];
      data.slice((int) end, (int) bytes)
          .order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer()
          .get(numbers);
      tensors.put(entry.tensor(), numbers);
      end += bytes;
    }
    if (end != data.capacity()) {
      throw new WeightsException(
          "%d bytes of tensors, but the file holds %d".formatted(end, data.capacity()));
    }
    String expected = metadata.remove(DIGEST);
    Safetensors content = new Safetensors(metadata, tensors);
    if (expected != null && !expected.equals(content.digest(data))) {
      throw new WeightsException(
          "its digest is %s, but it says %s".formatted(content.digest(data), expected));
    }
    return content;
  }

  private record Entry(TensorSpec tensor, long begin, long end) {
    static Entry parse(String name, JsonNode node) throws WeightsException {
      if (!node.path("dtype").asText().equals("F32")) {
        throw new WeightsException(
            "tensor %s is of dtype %s, expected F32".formatted(name, node.path("dtype").asText()));
      }
      List<Integer> shape = new ArrayList<>();
      for (JsonNode size : node.path("shape")) {
        if (!size.isInt()) {
          throw new WeightsException("tensor %s has shape %s".formatted(name, node.path("shape")));
        }
        shape.add(size.intValue());
      }
      JsonNode offsets = node.path("data_offsets");
      return new Entry(
          new TensorSpec(name, shape), offsets.path(0).asLong(-1), offsets.path(1).asLong(-1));
    }
  }
}
