// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.svgd;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The test vectors of the velocity: our own, or those in the directory (an absolute path) that the
 * system property {@code favstream.vectors} names.
 */
final class VelocityVectors {
  static final List<String> FILES =
      List.of(
          "svgd-velocity.json",
          "kde-far-from-reference.json",
          "policy-velocity.json",
          "eight-gaussians-velocity.json");

  private static final ObjectMapper JSON = new ObjectMapper();

  private VelocityVectors() {}

  /**
   * One case.
   *
   * @param name file and name
   * @param block particles, references and reward gradients
   * @param beta β
   * @param kdeBandwidths σ of the prior
   * @param steinBandwidths σ of the Stein kernel
   * @param rule by which the bandwidth was found, where a rule is named
   * @param velocities what to expect, by the field's name
   */
  record Case(
      String name,
      ParticleBlock block,
      double beta,
      List<Double> kdeBandwidths,
      List<Double> steinBandwidths,
      String rule,
      Map<String, double[]> velocities) {

    /** The constants under which a field's velocities are to be met. */
    VelocitySettings settings(String field) {
      return switch (field) {
        case "velocity" -> settings(FloorMode.NONE, 1);
        case "velocity_image_reference" -> settings(FloorMode.NO_PRIOR, 0.5);
        case "velocity_policy_reference", "velocity_toy_reference" -> settings(FloorMode.ORIGIN, 1);
        default -> throw new IllegalArgumentException(name + " has an unknown field " + field);
      };
    }

    private VelocitySettings settings(FloorMode floorMode, double repulsion) {
      return new VelocitySettings(beta, kdeBandwidths, steinBandwidths, floorMode, repulsion);
    }
  }

  /** All cases of a file. */
  static List<Case> read(String file) throws IOException {
    List<Case> cases = new ArrayList<>();
    for (JsonNode node : JSON.readTree(open(file))) {
      cases.add(read(file, node));
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
    InputStream bundled = VelocityVectors.class.getResourceAsStream("/vectors/" + file);
    if (bundled == null) {
      throw new IOException("no resource vectors/" + file);
    }
    return bundled;
  }

  private static Case read(String file, JsonNode node) {
    String name = file + " " + node.path("name").asText();
    JsonNode particles = field(name, node, "particles", "actions");
    JsonNode references = field(name, node, "reference", "dataset_actions");
    JsonNode gradients =
        field(name, node, "reward_gradients", "log_reward_gradients", "q_gradients");
    boolean manyContexts = particles.get(0).get(0).isArray();
    int contexts = manyContexts ? particles.size() : 1;
    double[] flat = flat(particles);
    int n = manyContexts ? particles.get(0).size() : particles.size();
    int d = flat.length / contexts / n;
    double[] flatReferences = flat(references);
    ParticleBlock block =
        new ParticleBlock(
            contexts,
            n,
            flatReferences.length / contexts / d,
            d,
            floats(flat),
            floats(flatReferences),
            floats(flat(gradients)));
    Map<String, double[]> velocities = new LinkedHashMap<>();
    node.fieldNames()
        .forEachRemaining(
            key -> {
              if (key.startsWith("velocity")) {
                velocities.put(key, flat(node.get(key)));
              }
            });
    return new Case(
        name,
        block,
        field(name, node, "beta").asDouble(),
        bandwidths(field(name, node, "kde_bandwidths", "bandwidth")),
        bandwidths(field(name, node, "stein_bandwidths", "bandwidth")),
        node.path("bandwidth_rule").asText(),
        velocities);
  }

  private static JsonNode field(String name, JsonNode node, String... keys) {
    for (String key : keys) {
      if (node.has(key)) {
        return node.get(key);
      }
    }
    throw new IllegalArgumentException(name + " has none of the fields " + List.of(keys));
  }

  private static List<Double> bandwidths(JsonNode node) {
    List<Double> bandwidths = new ArrayList<>();
    for (double bandwidth : flat(node)) {
      bandwidths.add(bandwidth);
    }
    return bandwidths;
  }

  private static double[] flat(JsonNode node) {
    List<Double> numbers = new ArrayList<>();
    flatten(node, numbers);
    return numbers.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static void flatten(JsonNode node, List<Double> numbers) {
    if (node.isArray()) {
      node.forEach(child -> flatten(child, numbers));
    } else {
      numbers.add(node.asDouble());
    }
  }

  private static float[] floats(double[] numbers) {
    float[] floats = new float[numbers.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) numbers[i];
    }
    return floats;
  }
}
