// SPDX-License-Identifier: Apache-2.0
package org.favstream.sampler.reaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.stream.IntStream;
import org.favstream.sampler.noise.SplitMix;
import org.junit.jupiter.api.Test;

class ReactionContextsTest {
  private static final List<ReactionSystem> SCORED = ReactionSystem.list(2, 4, 6, 8, 10, 12);

  @Test
  void shouldDrawTheSameWhenSeedAndIndexAreTheSame() {
    ReactionContexts contexts = new ReactionContexts(5, SCORED);
    ReactionContexts others = new ReactionContexts(5, SCORED);
    ReactionContext late = contexts.draw(1_000_000_007L);
    for (int n = 0; n < 24; n++) {
      assertThat(contexts.draw(n)).isEqualTo(others.draw(n)).isNotEqualTo(contexts.draw(n + 6));
    }
    assertThat(others.draw(1_000_000_007L)).isEqualTo(late);
    assertThat(new ReactionContexts(6, SCORED).draw(0)).isNotEqualTo(contexts.draw(0));
  }

  /** Pins the numbers themselves: a job's contexts must not change with the JVM. */
  @Test
  void shouldDrawTheseNumbersWhenOnAnyJvm() {
    ReactionContexts contexts = new ReactionContexts(1, SCORED);
    float[] targets = new float[6];
    for (int n = 0; n < targets.length; n++) {
      targets[n] = contexts.draw(n).toFeatures()[15];
    }
    assertThat(targets)
        .containsExactly(
            0.12697296f, 0.010649858f, 0.0011369743f, 0.002569042f, 1.2994498f, 0.11462069f);
    assertThat(contexts.draw(0).toFeatures()).startsWith(0.18726817f, 0.18116274f, 0.29124224f);
  }

  @Test
  void shouldTakeTurnsWhenThereAreManySystems() {
    ReactionContexts contexts = new ReactionContexts(1, SCORED);
    assertThat(IntStream.range(0, 8).mapToObj(n -> contexts.system(n).number()))
        .containsExactly(2, 4, 6, 8, 10, 12, 2, 4);
    assertThat(contexts.draw(4).rates()[1]).isCloseTo(.05, within(1e-8));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ReactionContexts(1, List.of()))
        .withMessage("no reaction systems to draw contexts of");
  }

  @Test
  void shouldHaveTheMomentsOfASquaredUniformWhenStatesAreDrawn() {
    ReactionContexts contexts = new ReactionContexts(3, ReactionSystem.list(9));
    double[] all =
        IntStream.range(0, 4000)
            .mapToObj(contexts::draw)
            .flatMapToDouble(context -> Arrays.stream(context.state()))
            .toArray();
    DoubleSummaryStatistics facts = Arrays.stream(all).summaryStatistics();
    assertThat(facts.getMin()).isNotNegative();
    assertThat(facts.getMax()).isLessThanOrEqualTo(1);
    assertThat(facts.getAverage()).isCloseTo(1.0 / 3, within(0.006));
    assertThat(Arrays.stream(all).map(Math::sqrt).average().orElseThrow())
        .isCloseTo(1.0 / 2, within(0.006));
    assertThat(Arrays.stream(all).filter(v -> v < 0.25).count() / (double) all.length)
        .isCloseTo(1.0 / 2, within(0.01));
  }

  @Test
  void shouldSpreadEvenlyWhenTargetsAreUniform() {
    ReactionContexts contexts = new ReactionContexts(3, ReactionSystem.list(9, 10));
    DoubleSummaryStatistics facts =
        IntStream.range(0, 4000).mapToDouble(n -> contexts.draw(n).target()).summaryStatistics();
    assertThat(facts.getMin()).isBetween(0.0, 0.01);
    assertThat(facts.getMax()).isBetween(2.49, 2.5);
    assertThat(facts.getAverage()).isCloseTo(1.25, within(0.04));
  }

  @Test
  void shouldBeAYieldThatSomeControlReachesWhenTargetsAreSimulated() {
    ReactionSimulator simulator = new ReactionSimulator(1e-6);
    ReactionContexts contexts = new ReactionContexts(3, ReactionSystem.list(2, 8));
    for (int n = 0; n < 40; n++) {
      ReactionContext context = contexts.draw(n);
      double nearest = Double.POSITIVE_INFINITY;
      for (int sign : new int[] {-1, 1}) {
        for (double c = 3; c <= 6.001; c += 0.02) {
          double s = sign * c;
          double[] u = {0, 0, 0, 0, s, s, -s, -s};
          double reached =
              simulator.trajectory(context.rates(), context.state(), u, ReactionSystem.HORIZON)
                  .orElseThrow()[0][0];
          nearest = Math.min(nearest, Math.abs(reached - context.target()));
        }
      }
      assertThat(nearest).describedAs("context %d", n).isLessThan(0.02);
    }
  }

  @Test
  void shouldBeNormalWhenNormalsAreDrawn() {
    int count = 40_000;
    SplitMix random = new SplitMix(8, 9);
    double[] drawn = IntStream.range(0, count).mapToDouble(n -> random.normal()).toArray();
    assertThat(Arrays.stream(drawn).average().orElseThrow()).isCloseTo(0, within(0.02));
    assertThat(Arrays.stream(drawn).map(v -> v * v).average().orElseThrow())
        .isCloseTo(1, within(0.03));
    assertThat(Arrays.stream(drawn).map(v -> v * v * v * v).average().orElseThrow())
        .isCloseTo(3, within(0.2));
  }

  @Test
  void shouldComeBackEqualAndCostTheSameWhenSentAsFeatures() {
    ReactionSimulator simulator = new ReactionSimulator(1e-4);
    ReactionContexts contexts = new ReactionContexts(4, ReactionSystem.all());
    for (int n = 0; n < 24; n++) {
      ReactionContext context = contexts.draw(n);
      ReactionContext back = ReactionContext.fromFeatures(context.toFeatures());
      double[] u = ReactionCases.normalControl(n, 2);
      assertThat(back).isEqualTo(context).hasSameHashCodeAs(context);
      assertThat(simulator.cost(back, u)).isEqualTo(simulator.cost(context, u));
    }
  }

  @Test
  void shouldNameTheFaultWhenFeaturesAreNoContext() {
    float[] features = new ReactionContexts(4, SCORED).draw(0).toFeatures();
    assertThat(features).hasSize(ReactionContext.FEATURES);
    assertThatThrownBy(() -> ReactionContext.fromFeatures(Arrays.copyOf(features, 25)))
        .isInstanceOf(ReactionContextException.class)
        .hasMessage("25 features of a reaction context: expected 26");
    refuses(features, 3, -0.5f, "species 3 is -0.5: expected a finite number, not below 0");
    refuses(features, 15, Float.NaN, "the target is NaN: expected a finite number");
    refuses(
        features,
        25,
        Float.POSITIVE_INFINITY,
        "rate k9 is Infinity: expected a finite number, not below 0");
  }

  private static void refuses(float[] features, int at, float value, String message) {
    float[] changed = features.clone();
    changed[at] = value;
    assertThatThrownBy(() -> ReactionContext.fromFeatures(changed))
        .isInstanceOf(ReactionContextException.class)
        .hasMessage(message);
  }
}
