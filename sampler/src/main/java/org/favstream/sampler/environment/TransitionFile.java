// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.environment;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.favstream.actors.weights.Safetensors;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.TensorSpec;

/**
 * Transitions in a safetensors file of float32 tensors, n transitions with o numbers an observation
 * and a numbers an action:
 *
 * <ul>
 *   <li>{@code observations} and {@code next_observations}: {@code (n, o)}
 *   <li>{@code actions}: {@code (n, a)}, in {@code [-1, 1]}
 *   <li>{@code rewards}: {@code (n)}
 *   <li>{@code terminated} and {@code truncated}: {@code (n)}, 1 where the episode ended there and
 *       0 elsewhere; the last transition ends one
 * </ul>
 *
 * <p>The metadata hold {@code environment}, and whatever else the maker tells.
 */
public final class TransitionFile {
  private static final String ENVIRONMENT = "environment";
  private static final String OBSERVATIONS = "observations";
  private static final String ACTIONS = "actions";
  private static final String REWARDS = "rewards";
  private static final String NEXT_OBSERVATIONS = "next_observations";
  private static final String TERMINATED = "terminated";
  private static final String TRUNCATED = "truncated";

  private TransitionFile() {}

  /**
   * Writes a file, all or nothing.
   *
   * @param metadata what else it should tell, such as seed and recipe
   * @throws IOException where the disk refuses
   */
  public static void write(Path file, TransitionSet set, Map<String, String> metadata)
      throws IOException {
    int n = set.size();
    Map<TensorSpec, float[]> tensors = new LinkedHashMap<>();
    tensors.put(matrix(OBSERVATIONS, n, set.observationSize()), set.observations());
    tensors.put(matrix(ACTIONS, n, set.actionSize()), set.actions());
    tensors.put(new TensorSpec(REWARDS, List.of(n)), set.rewards());
    tensors.put(matrix(NEXT_OBSERVATIONS, n, set.observationSize()), set.nextObservations());
    tensors.put(new TensorSpec(TERMINATED, List.of(n)), numbers(set.terminated()));
    tensors.put(new TensorSpec(TRUNCATED, List.of(n)), numbers(set.truncated()));
    Map<String, String> texts = new TreeMap<>(metadata);
    texts.put(ENVIRONMENT, set.environment());
    new Safetensors(texts, tensors).write(file);
  }

  private static TensorSpec matrix(String name, int rows, int columns) {
    return new TensorSpec(name, List.of(rows, columns));
  }

  private static float[] numbers(boolean[] flags) {
    float[] numbers = new float[flags.length];
    for (int i = 0; i < flags.length; i++) {
      numbers[i] = flags[i] ? 1 : 0;
    }
    return numbers;
  }

  /**
   * Reads a file.
   *
   * @throws EnvironmentException where it is missing, cut short, or not sound; the message names
   *     it, and what was got and expected
   */
  public static TransitionSet read(Path file) throws EnvironmentException {
    try {
      Safetensors content = Safetensors.read(file);
      String environment = content.metadata().get(ENVIRONMENT);
      if (environment == null) {
        throw new EnvironmentException("no '%s' in its metadata".formatted(ENVIRONMENT));
      }
      Tensors tensors = new Tensors(content.tensors());
      return tensors.toSet(environment);
    } catch (WeightsException | IOException e) {
      throw new EnvironmentException("transitions %s: %s".formatted(file, e.getMessage()), e);
    } catch (EnvironmentException e) {
      throw new EnvironmentException("transitions %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** The tensors of a file, by name. */
  private static final class Tensors {
    private final Map<String, TensorSpec> specs;
    private final Map<TensorSpec, float[]> numbers;

    Tensors(Map<TensorSpec, float[]> numbers) {
      this.numbers = numbers;
      this.specs =
          numbers.keySet().stream().collect(Collectors.toMap(TensorSpec::name, spec -> spec));
    }

    TransitionSet toSet(String environment) throws EnvironmentException {
      List<Integer> seen = shape(OBSERVATIONS);
      List<Integer> done = shape(ACTIONS);
      if (seen.size() != 2 || done.size() != 2 || seen.get(0) == 0) {
        throw new EnvironmentException(
            "observations are of shape %s and actions of %s, expected (n, o) and (n, a), n above 0"
                .formatted(seen, done));
      }
      int n = seen.get(0);
      TransitionSet set =
          new TransitionSet(
              environment,
              seen.get(1),
              done.get(1),
              finite(OBSERVATIONS, seen),
              bounded(List.of(n, done.get(1))),
              finite(REWARDS, List.of(n)),
              finite(NEXT_OBSERVATIONS, seen),
              flags(TERMINATED, n),
              flags(TRUNCATED, n));
      if (!set.terminated()[n - 1] && !set.truncated()[n - 1]) {
        throw new EnvironmentException(
            "transition %d, the last, ends no episode: expected %s or %s to be 1 where one ends"
                .formatted(n - 1, TERMINATED, TRUNCATED));
      }
      return set;
    }

    private List<Integer> shape(String name) throws EnvironmentException {
      TensorSpec spec = specs.get(name);
      if (spec == null) {
        throw new EnvironmentException("no tensor '%s'; got %s".formatted(name, numbers.keySet()));
      }
      return spec.shape();
    }

    private float[] finite(String name, List<Integer> expected) throws EnvironmentException {
      List<Integer> shape = shape(name);
      if (!shape.equals(expected)) {
        throw new EnvironmentException(
            "%s are of shape %s, expected %s".formatted(name, shape, expected));
      }
      float[] values = numbers.getOrDefault(specs.get(name), new float[0]);
      for (int i = 0; i < values.length; i++) {
        if (!Float.isFinite(values[i])) {
          throw unsound(name, i, values, "a finite number");
        }
      }
      return values;
    }

    private float[] bounded(List<Integer> expected) throws EnvironmentException {
      float[] values = finite(ACTIONS, expected);
      for (int i = 0; i < values.length; i++) {
        if (Math.abs(values[i]) > 1) {
          throw unsound(ACTIONS, i, values, "a number in [-1, 1]");
        }
      }
      return values;
    }

    private boolean[] flags(String name, int n) throws EnvironmentException {
      float[] values = finite(name, List.of(n));
      boolean[] flags = new boolean[n];
      for (int i = 0; i < n; i++) {
        if (values[i] != 0 && values[i] != 1) {
          throw unsound(name, i, values, "0 or 1");
        }
        flags[i] = values[i] == 1;
      }
      return flags;
    }

    private EnvironmentException unsound(String name, int at, float[] values, String expected)
        throws EnvironmentException {
      int row = at / (values.length / shape(name).get(0));
      return new EnvironmentException(
          "%s of transition %d: got %s, expected %s".formatted(name, row, values[at], expected));
    }
  }
}
