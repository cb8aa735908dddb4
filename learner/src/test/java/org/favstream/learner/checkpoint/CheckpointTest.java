// SPDX-License-Identifier: Apache-2.0
package org.favstream.learner.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.favstream.actors.engine.Adam;
import org.favstream.actors.weights.CheckpointStore;
import org.favstream.actors.weights.Safetensors;
import org.favstream.actors.weights.Weights;
import org.favstream.actors.weights.WeightsException;
import org.favstream.learner.intake.Flow;
import org.favstream.learner.regression.Training;
import org.favstream.protocol.LineageStep;
import org.favstream.protocol.RewardVersion;
import org.favstream.protocol.TensorSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
  private static final String PROGRESS = "favstream.progress";
  private static final LineageStep STEP =
      new LineageStep(
          "run",
          2,
          8,
          3,
          List.of(new LineageStep.GroupPosition(1, 5, 2)),
          new RewardVersion("r", 1),
          7,
          "c",
          "ab".repeat(32),
          "cd".repeat(32),
          "0.1.0+unknown");

  @TempDir private Path folder;

  private static Checkpoint checkpoint() throws WeightsException {
    return new Checkpoint(
        new Checkpoint.Progress(
            "run",
            "c",
            8,
            9,
            new Flow.State(3, Map.of("s#0", 4L), Map.of(1, 6L), Map.of("s#0", 12L)),
            Checkpoint.Totals.none(),
            List.of(STEP)),
        new Weights(List.of(TensorSpec.of("w", 2)), new float[] {1, 2}),
        new Adam.State(8, new float[] {3, 4}, new float[] {5, 6}));
  }

  @Test
  void shouldComeBackAsItWas() throws Exception {
    Checkpoint back = Checkpoint.fromFile(checkpoint().toFile());
    assertThat(back.progress()).isEqualTo(checkpoint().progress());
    assertThat(back.weights()).isEqualTo(checkpoint().weights());
    Training.Start start = back.start();
    assertThat(start.weights()).isEqualTo(back.weights());
    assertThat(start.step()).isEqualTo(8);
    assertThat(start.draws()).isEqualTo(9);
    Adam.State moments = start.moments().orElseThrow();
    assertThat(moments.steps()).isEqualTo(8);
    assertThat(moments.mean()).containsExactly(3, 4);
    assertThat(moments.square()).containsExactly(5, 6);
  }

  @Test
  void shouldReadLineageThatAnEarlierBuildLeftWithoutDigests() throws Exception {
    Safetensors file = checkpoint().toFile();
    ObjectMapper json = new ObjectMapper();
    ObjectNode progress = (ObjectNode) json.readTree(file.metadata().get(PROGRESS));
    ((ObjectNode) progress.at("/lineage/0"))
        .remove(List.of("weightsSha256", "parentSha256", "codeVersion"));
    Map<String, String> metadata = new TreeMap<>(file.metadata());
    metadata.put(PROGRESS, json.writeValueAsString(progress));
    LineageStep step =
        Checkpoint.fromFile(new Safetensors(metadata, file.tensors())).progress().lineage().get(0);
    assertThat(step.weightsSha256()).isEmpty();
    assertThat(step.parentSha256()).isEmpty();
    assertThat(step.codeVersion()).isEmpty();
    assertThat(step.groups()).isEqualTo(STEP.groups());
  }

  @Test
  void shouldBeFoundByItsVersion() throws Exception {
    CheckpointStore store = new CheckpointStore(folder.resolve("checkpoints"), 2);
    assertThat(store.versions()).isEmpty();
    for (long version = 7; version < 11; version++) {
      store.write(version, checkpoint().toFile());
    }
    Files.writeString(store.folder().resolve("version-12.part"), "half");
    assertThat(store.versions()).containsExactly(9L, 10L);
    assertThat(store.read(9, Checkpoint::fromFile).progress()).isEqualTo(checkpoint().progress());
    assertThat(store.folder().resolve("version-12.part")).describedAs("others' work").exists();
  }
}
