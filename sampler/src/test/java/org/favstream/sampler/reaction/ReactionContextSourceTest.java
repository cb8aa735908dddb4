// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.reaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.favstream.protocol.Noise;
import org.favstream.sampler.context.ContextSource;
import org.favstream.sampler.dataset.Dataset;
import org.junit.jupiter.api.Test;

class ReactionContextSourceTest {
  private static final List<ReactionSystem> SYSTEMS = ReactionSystem.list(2, 9, 12);
  private static final int SIZE = ReactionFeatures.SIZE;

  private static ReactionContext context(ContextSource.Contexts drawn, int row) {
    return ReactionContext.fromFeatures(
        Arrays.copyOfRange(drawn.values(), row * SIZE, row * SIZE + ReactionContext.FEATURES));
  }

  @Test
  void shouldDrawContextsOfTheTaskOneAfterTheOther() {
    ReactionContextSource source = new ReactionContextSource(SYSTEMS, 0);
    ReactionContexts expected = new ReactionContexts(5, SYSTEMS);
    assertThat(source.contextSize()).isEqualTo(SIZE);
    for (int draw = 0; draw < 3; draw++) {
      ContextSource.Contexts drawn = source.draw(new Noise(5, draw), 4);
      assertThat(drawn.values()).hasSize(4 * SIZE);
      for (int row = 0; row < 4; row++) {
        ReactionContext at = expected.draw(4L * draw + row);
        assertThat(context(drawn, row)).isEqualTo(at);
        assertThat(Arrays.copyOfRange(drawn.values(), row * SIZE, (row + 1) * SIZE))
            .containsExactly(ReactionFeatures.of(at));
      }
    }
  }

  @Test
  void shouldLetTheSystemsTakeTurns() {
    ContextSource.Contexts drawn = new ReactionContextSource(SYSTEMS, 0).draw(new Noise(5, 1), 6);
    for (int row = 0; row < 6; row++) {
      double[] rates = SYSTEMS.get(row % 3).rates();
      for (int i = 0; i < rates.length; i++) {
        assertThat(context(drawn, row).rates()[i]).isCloseTo(rates[i], within(1e-7));
      }
    }
  }

  @Test
  void shouldRepeatNoContextWhenDrawsFollowEachOther() {
    Set<ReactionContext> seen = new HashSet<>();
    ReactionContextSource source = new ReactionContextSource(SYSTEMS, 0);
    for (int draw = 0; draw < 5; draw++) {
      for (int row = 0; row < 3; row++) {
        seen.add(context(source.draw(new Noise(1, draw), 3), row));
        seen.add(context(source.draw(new Noise(2, draw), 3), row));
      }
    }
    assertThat(seen).hasSize(30);
  }

  @Test
  void shouldBringReferencesOfTheBehaviour() {
    ReactionContextSource source = new ReactionContextSource(SYSTEMS, 500);
    assertThat(source.references()).isEqualTo(500);
    float[] references = source.draw(new Noise(5, 0), 3).references();
    assertThat(references).hasSize(3 * 500 * 8);
    double mean = 0;
    double square = 0;
    for (float number : references) {
      mean += number / (double) references.length;
      square += number * number / (double) references.length;
    }
    assertThat(mean).isCloseTo(0, within(0.1));
    assertThat(Math.sqrt(square)).isCloseTo(2, within(0.1));
    assertThat(source.draw(new Noise(5, 0), 3).references()).containsExactly(references);
    assertThat(source.draw(new Noise(5, 1), 3).references()).isNotEqualTo(references);
  }

  @Test
  void shouldPairContextsWithControlsThatDoNotLookAtThemWhenItIsDataToPretrainOn() {
    ReactionDataset data = new ReactionDataset(SYSTEMS);
    assertThat(data.sampleSize()).isEqualTo(8);
    assertThat(data.contextSize()).isEqualTo(SIZE);
    Dataset.Batch batch = data.draw(new Noise(5, 2), 6);
    ContextSource.Contexts contexts =
        new ReactionContextSource(SYSTEMS, 0).draw(new Noise(5, 2), 6);
    assertThat(batch.contexts()).containsExactly(contexts.values());
    assertThat(batch.samples()).hasSize(6 * 8);
    assertThat(data.draw(new Noise(5, 2), 6).samples()).containsExactly(batch.samples());
    assertThat(data.draw(new Noise(6, 2), 6).samples()).isNotEqualTo(batch.samples());
  }
}
