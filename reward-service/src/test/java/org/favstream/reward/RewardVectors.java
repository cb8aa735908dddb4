// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The test vectors of rewards and metrics: our own, or those in the directory (an absolute path)
 * that the system property {@code favstream.vectors} names.
 */
public final class RewardVectors {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double TOLERANCE = 1e-5;

  private RewardVectors() {}

  /**
   * One case.
   *
   * @param name file and name
   * @param node its fields
   */
  public record Case(String name, JsonNode node) {

    /** A field that must be there. */
    public JsonNode field(String key) {
      JsonNode field = node.get(key);
      if (field == null) {
        throw new IllegalArgumentException(name + " has no field " + key);
      }
      return field;
    }

    /** A field that is one number. */
    public double number(String key) {
      return field(key).asDouble();
    }

    /** All numbers of a field, row-major. */
    public double[] numbers(String key) {
      List<Double> numbers = new ArrayList<>();
      flatten(field(key), numbers);
      return numbers.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** As {@link #numbers}, in float32. */
    public float[] floats(String key) {
      double[] numbers = numbers(key);
      float[] floats = new float[numbers.length];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = (float) numbers[i];
      }
      return floats;
    }
  }

  /** All cases of a file, which is one case or a list of them. */
  public static List<Case> read(String file) throws IOException {
    List<Case> cases = new ArrayList<>();
    try (InputStream in = open(file)) {
      JsonNode root = JSON.readTree(in);
      for (JsonNode node : root.isArray() ? root : JSON.createArrayNode().add(root)) {
        cases.add(new Case(file + " " + node.path("name").asText(), node));
      }
    }
    if (cases.isEmpty()) {
      throw new IOException(file + " holds no cases");
    }
    return cases;
  }

  private static InputStream open(String file) throws IOException {
    String directory = System.getProperty("favstream.vectors", "");
    if (!directory.isEmpty()) {
      Path path = Path.of(directory, file);
      if (!Files.exists(path)) {
        throw new IOException("favstream.vectors has no file " + path);
      }
      return Files.newInputStream(path);
    }
    InputStream bundled = RewardVectors.class.getResourceAsStream("/vectors/" + file);
    if (bundled == null) {
      throw new IOException("no resource vectors/" + file);
    }
    return bundled;
  }

  private static void flatten(JsonNode node, List<Double> numbers) {
    if (node.isArray()) {
      node.forEach(child -> flatten(child, numbers));
    } else {
      numbers.add(node.asDouble());
    }
  }

  /** That each number differs by at most {@code 1e-5 · max(1, |expected|)}. */
  public static void assertMeets(double[] actual, double[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      assertThat(Math.abs(actual[i] - expected[i]) / Math.max(1, Math.abs(expected[i])))
          .describedAs("error at %d: %s, expected %s", i, actual[i], expected[i])
          .isLessThanOrEqualTo(TOLERANCE);
    }
  }

  /** As {@link #assertMeets(double[], double[])}, of float32 numbers. */
  public static void assertMeets(float[] actual, double[] expected) {
    double[] wide = new double[actual.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = actual[i];
    }
    assertMeets(wide, expected);
  }

  /** As {@link #assertMeets(double[], double[])}, of one number. */
  public static void assertMeets(double actual, double expected) {
    assertMeets(new double[] {actual}, new double[] {expected});
  }
}
