// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import org.favstream.protocol.Noise;
import org.junit.jupiter.api.Test;

class SamplerSettingsTest {

  @Test
  void shouldReadTheSectionOfAJob() {
    assertThat(
            SamplerSettings.of(
                ConfigFactory.parseString(
                    """
                    generator.noise = quasi-random
                    sampler {
                      count = 2
                      contexts-per-group = 3
                      particles-per-context = 4
                      device = cpu
                    }
                    """)))
        .isEqualTo(new SamplerSettings(2, 3, 4, Noise.Kind.QUASI_RANDOM, "cpu"));
  }

  @Test
  void shouldRefuseSizesThatMakeNoGroup() {
    int[][] unsound = {{0, 1, 1}, {257, 1, 1}, {1, 0, 1}, {1, 1, 0}};
    for (int[] sizes : unsound) {
      assertThatThrownBy(
              () ->
                  new SamplerSettings(sizes[0], sizes[1], sizes[2], Noise.Kind.INDEPENDENT, "cpu"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "sampler: count %d must be 1 to 256, contexts-per-group %d and particles-per-context %d at least 1",
              sizes[0], sizes[1], sizes[2]);
    }
  }
}
