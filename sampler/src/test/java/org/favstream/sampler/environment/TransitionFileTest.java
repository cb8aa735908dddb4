// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.environment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.favstream.actors.weights.Safetensors;
import org.favstream.actors.weights.WeightsException;
import org.favstream.protocol.TensorSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransitionFileTest {
  @TempDir private Path folder;

  private static TransitionSet sound() {
    return new TransitionSet(
        "toy",
        2,
        1,
        new float[] {0, 1, 2, 3, 4, 5},
        new float[] {-1, 0, 1},
        new float[] {-0.5f, 0, 7},
        new float[] {2, 3, 4, 5, 6, 7},
        new boolean[] {false, true, false},
        new boolean[] {false, false, true});
  }

  @Test
  void shouldReadWhatWasWritten() throws IOException, EnvironmentException, WeightsException {
    Path file = folder.resolve("set.safetensors");
    TransitionSet set = sound();
    TransitionFile.write(file, set, Map.of("seed", "7"));
    TransitionSet read = TransitionFile.read(file);
    assertThat(read.environment()).isEqualTo("toy");
    assertThat(read.observationSize()).isEqualTo(2);
    assertThat(read.actionSize()).isEqualTo(1);
    assertThat(read.observations()).isEqualTo(set.observations());
    assertThat(read.actions()).isEqualTo(set.actions());
    assertThat(read.rewards()).isEqualTo(set.rewards());
    assertThat(read.nextObservations()).isEqualTo(set.nextObservations());
    assertThat(read.terminated()).isEqualTo(set.terminated());
    assertThat(read.truncated()).isEqualTo(set.truncated());
    assertThat(Safetensors.read(file).metadata())
        .containsExactlyInAnyOrderEntriesOf(Map.of("environment", "toy", "seed", "7"));
  }

  @Test
  void shouldNameAFileThatIsNone() throws IOException {
    Path none = folder.resolve("none.safetensors");
    assertThatThrownBy(() -> TransitionFile.read(none))
        .isInstanceOf(EnvironmentException.class)
        .hasMessageContaining(none + ": there is no such file");
    Path text = Files.writeString(folder.resolve("text.safetensors"), "no tensors here");
    assertThatThrownBy(() -> TransitionFile.read(text))
        .isInstanceOf(EnvironmentException.class)
        .hasMessageContaining("text.safetensors");
  }

  @Test
  void shouldNameWhatIsUnsound() throws IOException, WeightsException {
    refuses(
        tensors -> tensors.put(spec("actions", 3, 1), new float[] {0, 1.5f, 0}),
        "actions of transition 1: got 1.5, expected a number in [-1, 1]");
    refuses(
        tensors -> tensors.put(spec("observations", 3, 2), new float[] {0, 1, 2, 3, 4, Float.NaN}),
        "observations of transition 2: got NaN, expected a finite number");
    refuses(
        tensors -> tensors.put(spec("rewards", 3), new float[] {0, Float.NEGATIVE_INFINITY, 0}),
        "rewards of transition 1: got -Infinity, expected a finite number");
    refuses(
        tensors -> tensors.put(spec("truncated", 3), new float[] {0, 0, 0.5f}),
        "truncated of transition 2: got 0.5, expected 0 or 1");
    refuses(
        tensors -> tensors.put(spec("truncated", 3), new float[3]),
        "transition 2, the last, ends no episode");
  }

  @Test
  void shouldNameWhatIsMissingOrOfTheWrongSize() throws IOException, WeightsException {
    refuses(tensors -> tensors.remove(spec("rewards", 3)), "no tensor 'rewards'; got [");
    refuses(
        tensors -> {
          tensors.remove(spec("actions", 3, 1));
          tensors.put(spec("actions", 2, 1), new float[2]);
        },
        "actions are of shape [2, 1], expected [3, 1]");
    refuses(
        tensors -> {
          tensors.remove(spec("actions", 3, 1));
          tensors.put(spec("actions", 3), new float[3]);
        },
        "observations are of shape [3, 2] and actions of [3], expected (n, o) and (n, a)");
    refuses(
        tensors -> {
          tensors.remove(spec("terminated", 3));
          tensors.put(spec("terminated", 4), new float[4]);
        },
        "terminated are of shape [4], expected [3]");
    Path file = folder.resolve("nameless.safetensors");
    new Safetensors(Map.of(), Map.of()).write(file);
    assertThatThrownBy(() -> TransitionFile.read(file))
        .hasMessage("transitions %s: no 'environment' in its metadata".formatted(file));
  }

  private static TensorSpec spec(String name, Integer... shape) {
    return new TensorSpec(name, Arrays.asList(shape));
  }

  private void refuses(Consumer<Map<TensorSpec, float[]>> spoil, String message)
      throws IOException, WeightsException {
    Path file = folder.resolve("set.safetensors");
    TransitionFile.write(file, sound(), Map.of());
    Safetensors content = Safetensors.read(file);
    Map<TensorSpec, float[]> tensors = new LinkedHashMap<>(content.tensors());
    spoil.accept(tensors);
    new Safetensors(content.metadata(), tensors).write(file);
    assertThatThrownBy(() -> TransitionFile.read(file))
        .isInstanceOf(EnvironmentException.class)
        .hasMessageContaining("transitions " + file + ": " + message);
  }
}
