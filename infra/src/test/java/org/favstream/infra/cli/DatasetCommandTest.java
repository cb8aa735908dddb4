// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.favstream.sampler.environment.EnvironmentException;
import org.favstream.sampler.environment.TransitionFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetCommandTest {
  private static final String JOB = "arm-tracking";
  private static final String FEW = "dataset.episodes=3";

  @TempDir private Path folder;

  @Test
  void shouldMakeTheSameFileWhenTheSeedIsTheSame() throws IOException, EnvironmentException {
    Path file = folder.resolve("one.safetensors");
    Cli made =
        Cli.run("dataset", JOB, "--out", file.toString(), "--seed", "7", "--set", FEW, "--json")
            .requireDone();
    JsonNode said = new ObjectMapper().readTree(made.out());
    assertThat(said.path("transitions").asInt()).isEqualTo(600);
    assertThat(said.path("environment").asText()).isEqualTo("great-devious-beetle");
    assertThat(said.path("meanReward").asDouble()).isNegative();
    assertThat(made.err()).contains("episode 3 of 3", file.toString());
    assertThat(TransitionFile.read(file).size()).isEqualTo(600);

    Path again = folder.resolve("again.safetensors");
    Path other = folder.resolve("other.safetensors");
    Cli.run("dataset", JOB, "--out", again.toString(), "--seed", "7", "--set", FEW).requireDone();
    Cli.run("dataset", JOB, "--out", other.toString(), "--seed", "8", "--set", FEW).requireDone();
    assertThat(again).hasSameBinaryContentAs(file);
    assertThat(Files.mismatch(file, other)).isNotNegative();
  }

  @Test
  void shouldNameWhatItCannotUse() throws IOException {
    String out = folder.resolve("x.safetensors").toString();
    Cli.run("dataset", JOB).requireRefused(2, "--out");
    Cli.run("dataset", "eight-gaussians", "--out", out)
        .requireRefused(2, "environment.kind", "'none'", "arm");
    Cli.run("dataset", JOB, "--out", out, "--set", "environment.system=rebel-arm")
        .requireRefused(2, "no arm 'rebel-arm'", "great-devious-beetle");
    Cli.run("dataset", JOB, "--out", out, "--set", "environment.substeps=0")
        .requireRefused(2, "substeps 0, expected 1 to 100");
    Cli.run("dataset", JOB, "--out", out, "--set", "dataset.episodes=0")
        .requireRefused(2, "0 episodes, expected at least 1");
    assertThat(Path.of(out)).doesNotExist();
    Path file = Files.writeString(folder.resolve("file"), "");
    String beyond = file.resolve("x.safetensors").toString();
    Cli.run("dataset", JOB, "--out", beyond, "--set", FEW).requireRefused(1, beyond);
  }
}
