// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is refused of modules before anything is begun. */
class TorchScriptJobTest {
  private static final String ZEROS = "0".repeat(64);

  @TempDir private Path folder;

  private Cli run(List<String> settings) throws IOException {
    Path out = folder.resolve("run");
    List<String> words =
        new ArrayList<>(
            List.of("run", TorchScriptJob.write(folder).toString(), "--out", out.toString()));
    // Were it not refused, the run would end at once for want of a broker.
    words.addAll(List.of("--bootstrap-servers", "127.0.0.1:1"));
    words.addAll(List.of("--set", "kafka.setup-timeout=1s"));
    for (String setting : settings) {
      words.addAll(List.of("--set", setting));
    }
    return Cli.run(words.toArray(String[]::new));
  }

  @Test
  void shouldTakeTheJobAsItIs() throws IOException {
    run(List.of()).requireRefused(1, "no Kafka broker answers at");
  }

  @ParameterizedTest
  @CsvSource({
    "generator.module-sha256=, TorchScript is code, generator.module-sha256 = \"",
    "generator.module=nowhere.pt, nowhere.pt, there is no such file",
    "generator.module-limit=1KiB, toy.pt, longer than the limit of 1024 bytes",
    "generator.noise-size=7, toy.pt, 'forward of (3, 7) failed: '",
    "generator.noise-size=0, noise-size 0, at least 1",
    "generator.sample-size=3, evaluation.kind, take reward",
    "generator.family=vae, generator.module, family vae takes none",
    "generator.weights=nowhere.safetensors, generator.weights, there is no such file",
    "generator.weights=classpath:/weights/eight-gaussians-vae.safetensors, another generator, net.0.weight",
    "reward.module-sha256=, TorchScript is code, reward.module-sha256 = \"",
    "reward.module-limit=1KiB, reward.module, longer than the limit of 1024 bytes",
    "reward.gradient=nes, reward.gradient, 'nes'",
  })
  void shouldNameWhatIsWrong(String setting, String named, String said) throws IOException {
    run(List.of(setting)).requireRefused(2, named, said);
    assertThat(folder.resolve("run")).doesNotExist();
  }

  @Test
  void shouldRefuseOtherBytesThanThoseThatArePinned() throws IOException {
    for (String key : List.of("generator", "reward")) {
      run(List.of(key + ".module-sha256=\"" + ZEROS + "\""))
          .requireRefused(2, "its SHA-256 is ", "expected " + ZEROS);
    }
  }

  @Test
  void shouldRefuseSamplesOfAnotherSizeThanTheModules() throws IOException {
    run(List.of("generator.sample-size=3", "evaluation.kind=reward"))
        .requireRefused(2, "generator.sample-size: got 3, but the samples of", "have 2 numbers");
  }

  @Test
  void shouldRefuseAModuleThatIsNoReward() throws IOException {
    run(TorchScriptJob.pinned("reward.module", "toy"))
        .requireRefused(2, "reward.module: ", "toy.pt: forward of (3, 2) failed: ");
  }

  @Test
  void shouldRefuseFeaturesWhereReferencesComeWithContexts() throws IOException {
    List<String> settings =
        new ArrayList<>(TorchScriptJob.pinned("generator.features", "toy-turn"));
    settings.add("reference.pool=0");
    run(settings).requireRefused(2, "generator.features: ", "expected reference.pool above 0");
  }

  @Test
  void shouldRefuseToPreTrainAModule() throws IOException {
    Cli.run(
            "pretrain",
            TorchScriptJob.write(folder).toString(),
            "--set",
            "dataset.kind=eight-gaussians",
            "--out",
            folder.resolve("w.safetensors").toString())
        .requireRefused(2, "family torchscript is not pre-trained here");
  }
}
