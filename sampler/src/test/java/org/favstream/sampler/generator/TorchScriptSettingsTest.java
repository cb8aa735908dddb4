// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import org.favstream.actors.config.ConfigurationException;
import org.favstream.actors.config.JobConfig;
import org.favstream.actors.engine.TorchScriptSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a job may say of a module, and which modules are no generators. */
class TorchScriptSettingsTest {
  private static final Path FOLDER = Path.of("src/test/resources/torchscript");

  private static Config job(String lines) {
    return ConfigFactory.parseString("generator {\n" + lines + "\n}")
        .withFallback(JobConfig.reference("favstream"));
  }

  /** A key with the file and its digest. */
  private static String pinned(String key, String name) {
    Path file = FOLDER.resolve(name + ".pt");
    return "%s = \"%s\"\n%s-sha256 = %s\n"
        .formatted(key, file, key, TorchScriptSource.digestOf(file));
  }

  private static String script(String name, int noise, int context, int sample) {
    return "family = torchscript\nnoise-size = %d\ncontext-size = %d\nsample-size = %d\n"
            .formatted(noise, context, sample)
        + pinned("module", name);
  }

  @Test
  void shouldReadAModuleAndItsFeatures() {
    Generator generator = GeneratorSettings.of(job(script("decoder", 3, 0, 2))).create();
    assertThat(generator.sampleSize()).isEqualTo(2);
    assertThat(generator.noiseSize()).isEqualTo(3);
    Generator conditional = GeneratorSettings.of(job(script("conditional", 3, 2, 2))).create();
    assertThat(conditional.contextSize()).isEqualTo(2);
    Generator features =
        GeneratorSettings.of(job(script("decoder", 3, 0, 3) + pinned("features", "lift"))).create();
    assertThat(features.sampleSize()).isEqualTo(3);
    assertThat(features.layout().tensors()).isEqualTo(generator.layout().tensors());
  }

  @Test
  void shouldSayWhichDigestAFileHasWhenNoneIsPinned() {
    String unpinned = script("decoder", 3, 0, 2) + "module-sha256 = \"\"\n";
    assertThatThrownBy(() -> GeneratorSettings.of(job(unpinned)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("TorchScript is code")
        .hasMessageContaining(
            "pin it: generator.module-sha256 = \"%s\"",
            TorchScriptSource.digestOf(FOLDER.resolve("decoder.pt")));
    assertThatThrownBy(() -> GeneratorSettings.of(job(unpinned + "module = nowhere.pt\n")))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("generator.module-sha256")
        .hasMessageContaining("nowhere.pt: there is no such file");
  }

  @Test
  void shouldRefuseAFamilyWithoutItsModuleAndAModuleWithoutItsFamily() {
    assertThatThrownBy(() -> GeneratorSettings.of(job("family = torchscript\nnoise-size = 3\n")))
        .hasMessage("generator.module: family torchscript takes a module's file");
    assertThatThrownBy(
            () -> GeneratorSettings.of(job("family = vae\n" + pinned("module", "decoder"))))
        .hasMessage("generator.module: family vae takes none");
    assertThatThrownBy(
            () -> GeneratorSettings.of(job("family = vae\n" + pinned("features", "lift"))))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("generator.features");
    assertThatThrownBy(() -> GeneratorSettings.of(job(script("decoder", 0, 0, 2))))
        .hasMessageContaining("noise-size 0");
  }

  private static void requireRefused(String lines, String... said) {
    GeneratorSettings settings = GeneratorSettings.of(job(lines));
    assertThatThrownBy(settings::create)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("generator of family torchscript, ")
        .hasMessageContainingAll(said);
  }

  @ParameterizedTest
  @CsvSource({
    "decoder, 4, 0, 2, 'forward of (3, 4) failed: '",
    "decoder, 3, 1, 2, 'forward of (3, 3), (3, 1) failed: '",
    "conditional, 3, 0, 2, missing value for argument 'context'",
    "decoder, 3, 0, 5, 'generator.sample-size: got 5, but the samples of'",
    "dice, 2, 0, 2, made other samples the second time",
    "flat, 2, 0, 2, 'it made shape (6), expected (3, numbers a sample)'",
    "deaf, 2, 0, 2, differentiable in the generator's parameters",
    "lift, 2, 0, 3, no parameter that asks for a gradient",
  })
  void shouldRefuseAModuleThatIsNoGeneratorOfTheseSizes(
      String name, int noise, int context, int sample, String said) {
    requireRefused(script(name, noise, context, sample), name + ".pt", said);
  }

  @Test
  void shouldRefuseOtherBytesAndTooManyOfThem() {
    String digest = "0".repeat(64);
    requireRefused(
        script("decoder", 3, 0, 2) + "module-sha256 = \"" + digest + "\"\n",
        "decoder.pt: its SHA-256 is ",
        "expected " + digest);
    requireRefused(
        script("decoder", 3, 0, 2) + "module-limit = 1KiB\n",
        "decoder.pt: it is longer than the limit of 1024 bytes");
    requireRefused(
        script("decoder", 3, 0, 2)
            + pinned("features", "lift")
            + "features-sha256 = \""
            + digest
            + "\"\n",
        "lift.pt: its SHA-256 is ",
        "expected " + digest);
  }

  @Test
  void shouldRefuseFeaturesOfAnotherSizeOrOfOtherSamples() {
    requireRefused(
        script("decoder", 3, 0, 2) + pinned("features", "lift"),
        "generator.sample-size: got 2, but the features of",
        "lift.pt have 3 numbers");
    requireRefused(
        script("decoder", 3, 0, 2) + pinned("features", "conditional"),
        "conditional.pt: forward of (3, 2) failed");
  }
}
