// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.favstream.sampler.environment.TransitionFile;
import org.favstream.sampler.environment.TransitionSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is refused before a cluster is asked for; nobody listens on port 1. */
class TransitionsSendCommandTest {
  @TempDir private Path folder;

  private Path file(float action, boolean firstEnds) throws IOException {
    Path file = folder.resolve("demo.safetensors");
    TransitionFile.write(
        file,
        new TransitionSet(
            "line",
            1,
            1,
            new float[] {0, 5},
            new float[] {action, 0},
            new float[2],
            new float[] {1, 6},
            new boolean[] {firstEnds, true},
            new boolean[2]),
        Map.of());
    return file;
  }

  private static Cli send(Path file, String... more) {
    List<String> words = new ArrayList<>(List.of("transitions", "send", file.toString()));
    words.addAll(List.of("--run", "r", "--bootstrap-servers", "127.0.0.1:1"));
    words.addAll(List.of("--set", "kafka.setup-timeout=1s"));
    words.addAll(List.of(more));
    return Cli.run(words.toArray(String[]::new));
  }

  @Test
  void shouldNameWhatIsWrongWithARecording() throws IOException {
    send(file(1.5f, true), "--source", "human:alice")
        .requireRefused(1, "demo.safetensors", "actions of transition 0: got 1.5");
    send(file(Float.NaN, true), "--source", "human:alice")
        .requireRefused(1, "demo.safetensors", "actions of transition 0: got NaN");
    send(file(1, false), "--source", "human:alice")
        .requireRefused(1, "transition 0 ends no episode", "transition 1");
    send(folder.resolve("none"), "--source", "human:alice").requireRefused(1, "none");
  }

  @Test
  void shouldNameWhatItWasAskedWrongly() throws IOException {
    Path file = file(1, true);
    send(file).requireRefused(2, "--source");
    send(file, "--source", "alice").requireRefused(2, "--source: got 'alice'", "human:alice");
    send(file, "--source", "fleet").requireRefused(2, "--source: got 'fleet'");
    send(file, "--source", "human:").requireRefused(2, "--source: got 'human:'");
    send(file, "--source", "human:alice", "--segment", "0").requireRefused(2, "--segment: got 0");
    send(file, "--source", "human:alice", "--set", "kafka.cleint.a=1")
        .requireRefused(2, "unknown key 'kafka.cleint'");
  }

  @Test
  void shouldNameTheAddressWhereNoBrokerAnswers() throws IOException {
    send(file(1, true), "--source", "human:alice")
        .requireRefused(1, "no Kafka broker answers at 127.0.0.1:1");
  }
}
