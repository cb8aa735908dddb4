// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;
import org.favstream.actors.config.ConfigurationException;
import org.favstream.actors.config.JobConfig;
import org.favstream.protocol.Noise;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against the module's own {@code reference.conf}. */
class BuiltinRewardsTest {
  private static final RewardModel.Block BLOCK =
      new RewardModel.Block(
          1, 2, 2, new float[] {0, 2.83f, 0.5f, -2}, new float[0], new Noise(1, 1));

  private static Supplier<RewardModel> of(String... overrides) {
    return JobConfig.section("reward", List.of(overrides)).read(BuiltinRewards::of);
  }

  private static RewardModel.Rewards scored(Supplier<RewardModel> supplier) {
    try (RewardModel model = supplier.get()) {
      return model.evaluate(BLOCK);
    }
  }

  @Test
  void shouldBeTheToyWithItsOwnGradientWhenNothingIsSaid() {
    RewardModel.Rewards rewards = scored(of("device=cpu"));
    try (RewardModel toy = new AutogradReward(new EightGaussiansReward(), Device.cpu())) {
      RewardModel.Rewards expected = toy.evaluate(BLOCK);
      assertThat(rewards.values()).containsExactly(expected.values());
      assertThat(rewards.gradients()).containsExactly(expected.gradients());
    }
  }

  @Test
  void shouldTakeTheHeightsThatAreGiven() {
    float rising = scored(of("device=cpu")).values()[0];
    float falling =
        scored(of("device=cpu", "heights=[1, 0.857, 0.714, 0.571, 0.429, 0.286, 0.143, 0]"))
            .values()[0];
    assertThat(Math.exp(rising)).isLessThan(0.05); // at mode 0, where nothing stands by default
    assertThat(Math.exp(falling)).isGreaterThan(0.95);
  }

  @Test
  void shouldEstimateTheGradientWhenItIsAskedTo() {
    try (RewardModel model = of("device=cpu", "gradient=nes", "nes.samples=2").get()) {
      assertThat(model).isInstanceOf(NesReward.class);
      assertThat(model.evaluate(BLOCK).gradients())
          .isNotEqualTo(scored(of("device=cpu")).gradients());
    }
  }

  @Test
  void shouldMakeTheReactorsRewardInBothWays() {
    try (RewardModel exact = of("kind=reaction-control").get();
        RewardModel nes = of("kind=reaction-control", "gradient=nes").get()) {
      assertThat(exact).isInstanceOf(ReactionReward.class);
      assertThat(nes).isInstanceOf(NesReward.class);
    }
  }

  @Test
  void shouldMakeARemoteScorerThatIsAskedByNes() throws IOException {
    try (ScorerServer server = new ScorerServer(ScorerServer.RIGHT)) {
      RewardModel.Rewards rewards =
          scored(of("kind=remote", "gradient=nes", "remote.url=" + server.url()));
      assertThat(rewards.values()).containsExactly(2.83f * 2.83f, 4.25f);
      assertThat(rewards.gradients()).hasSize(4);
    }
  }

  @Test
  void shouldNameTheTokensVariableWhenItIsNotSetWhereScoringBegins() {
    Supplier<RewardModel> made =
        of(
            "kind=remote",
            "gradient=nes",
            "remote.url=https://scorer.invalid/",
            "remote.token-env=FAVSTREAM_TEST_NO_SUCH_TOKEN");
    assertThatThrownBy(made::get)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("reward.remote.token-env")
        .hasMessageContaining("FAVSTREAM_TEST_NO_SUCH_TOKEN");
  }

  @Test
  void shouldListTheKindsThatItMakes() {
    assertThat(BuiltinRewards.KINDS)
        .containsExactly("eight-gaussians", "reaction-control", "remote");
    assertThatThrownBy(() -> of("kind=luck"))
        .hasMessageContaining("expected one of " + String.join(", ", BuiltinRewards.KINDS));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "kind=luck | reward.kind | got 'luck', expected one of eight-gaussians, reaction-control",
        "kind=remote | reward.gradient | got 'exact', expected nes: a remote scorer gives no",
        "remote.retries=-1 | reward.remote.retries | got -1, expected at least 0",
        "remote.in-flight=0 | reward.remote.in-flight | got 0, expected at least 1",
        "remote.failures=0 | reward.remote.failures | got 0, expected at least 1",
        "remote.cool-down=0s | reward.remote.cool-down | expected more than 0",
        "remote.url=gopher | reward.remote.url | expected an http or https address",
        "gradient=guess | reward.gradient | got 'guess', expected one of exact, nes",
        "nes.sigma=0 | reward.nes | sigma 0.0 must be above 0",
        "heights=[1, 2] | reward.heights | got [1.0, 2.0], expected 8 numbers from 0 to 1",
        "heights=high | heights | has type STRING rather than LIST",
        "colour=red | unknown key 'reward.colour' | --set colour=red",
      })
  void shouldNameTheKeyAndWhatIsExpectedWhenItCannotBeUsed(
      String override, String key, String expected) {
    assertThatThrownBy(() -> of(override))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(key)
        .hasMessageContaining(expected);
  }

  @Test
  void shouldAskForTheAddressOfARemoteScorer() {
    assertThatThrownBy(() -> of("kind=remote", "gradient=nes"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("reward.remote.url")
        .hasMessageContaining("got '', expected the scorer's address, such as http://");
  }
}
