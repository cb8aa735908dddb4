// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.ArrayList;
import java.util.List;
import org.favstream.sampler.generator.GeneratorSettings.Family;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GeneratorSettingsTest {
  private static final List<Integer> HIDDEN = List.of(4);

  private static Config job(String family, int noiseSize, int steps) {
    return ConfigFactory.parseString(
        """
        generator {
          family = %s
          noise-size = %d
          context-size = 3
          sample-size = 2
          hidden = [5, 6]
          steps = %d
          module = ""
          features = ""
        }
        """
            .formatted(family, noiseSize, steps));
  }

  @ParameterizedTest
  @CsvSource({"vae, 8", "drift, 32", "meanflow, 2", "policy, 2"})
  void shouldHaveTheFamilysUsualNoiseWhenNoSizeIsChosen(String family, int expected) {
    GeneratorSettings settings = GeneratorSettings.of(job(family, 0, 4));
    assertThat(settings.noiseSize()).isEqualTo(expected);
    assertThat(settings.contextSize()).isEqualTo(3);
    assertThat(settings.sampleSize()).isEqualTo(2);
    assertThat(settings.hidden()).containsExactly(5, 6);
    assertThat(settings.steps()).isEqualTo(family.equals("meanflow") ? 4 : 1);
    assertThat(settings.create().noiseSize()).isEqualTo(expected);
  }

  @Test
  void shouldHaveTheChosenNoiseWhenOneIs() {
    assertThat(GeneratorSettings.of(job("vae", 5, 1)).noiseSize()).isEqualTo(5);
  }

  @Test
  void shouldRefuseSizesThatMakeNoNetwork() {
    for (int[] sizes : new int[][] {{0, 0, 1}, {1, -1, 1}, {1, 0, 0}}) {
      assertThatThrownBy(
              () -> new GeneratorSettings(Family.VAE, sizes[0], sizes[1], sizes[2], HIDDEN, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("noise-size " + sizes[0]);
    }
    assertThatThrownBy(() -> new GeneratorSettings(Family.VAE, 1, 0, 1, List.of(), 1))
        .hasMessageContaining("hidden []");
  }

  @Test
  void shouldRefuseStepsThatTheFamilyDoesNotTake() {
    assertThatThrownBy(() -> new GeneratorSettings(Family.VAE, 2, 0, 2, HIDDEN, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("generator.steps: got 2, expected 1 to 1024, and 1 for family vae");
    for (int steps : new int[] {0, 1025}) {
      assertThatThrownBy(() -> new GeneratorSettings(Family.MEANFLOW, 2, 0, 2, HIDDEN, steps))
          .hasMessageStartingWith("generator.steps: got " + steps);
    }
  }

  @Test
  void shouldRefuseNoiseOfAnotherSizeWhenItIsAMeanFlow() {
    assertThatThrownBy(() -> new GeneratorSettings(Family.MEANFLOW, 8, 0, 2, HIDDEN, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "generator.noise-size: got 8, but a meanflow takes noise of the sample's size, 2");
  }

  @Test
  void shouldStayAsItIsWhenTheCallersListChanges() {
    List<Integer> hidden = new ArrayList<>(HIDDEN);
    GeneratorSettings settings = new GeneratorSettings(Family.VAE, 2, 0, 2, hidden, 1);
    hidden.set(0, 99);
    assertThat(settings.hidden()).isEqualTo(HIDDEN);
  }

  @Test
  void shouldRefuseAPolicyThatObservesNothing() {
    assertThatThrownBy(() -> new GeneratorSettings(Family.POLICY, 2, 0, 2, HIDDEN, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "generator.context-size: got 0, but a policy needs the size of its observation");
  }
}
