// SPDX-License-Identifier: Apache-2.0
package org.favstream.reward.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.favstream.protocol.Noise;
import org.favstream.protocol.RewardDefinition;
import org.favstream.protocol.RewardVersion;
import org.favstream.reward.model.RewardModel;
import org.junit.jupiter.api.Test;

class DefinedRewardsTest {
  private static final RewardVersion OWN = new RewardVersion("own", 1);
  private static final RewardModel.Block BLOCK =
      new RewardModel.Block(1, 2, 2, new float[] {1, 2, 3, 4}, new float[0], new Noise(1, 0));

  private final Map<RewardVersion, RewardDefinition> known = new HashMap<>();
  private final List<String> closed = new ArrayList<>();
  private final DefinedRewards rewards =
      new DefinedRewards(
          this::own,
          version -> Optional.ofNullable(known.get(version)),
          artifact -> Path.of("there-is-no-such-file.pt"),
          "cpu");

  DefinedRewardsTest() {
    known.put(OWN, definition(OWN, "own", Map.of()));
  }

  /** The first number of each particle; its gradient is 1, 0. */
  private RewardModel own() {
    return new RewardModel() {
      @Override
      public Rewards evaluate(Block block) {
        return new Rewards(
            new float[] {block.values()[0], block.values()[2]}, new float[] {1, 0, 1, 0});
      }

      @Override
      public void close() {
        closed.add("own");
      }
    };
  }

  private static RewardDefinition definition(
      RewardVersion reward,
      String kind,
      Map<String, String> settings,
      RewardDefinition.Term... terms) {
    return new RewardDefinition(reward, kind, settings, List.of(terms), Optional.empty(), 2, 0);
  }

  private static RewardDefinition.Term term(RewardVersion reward, double weight) {
    return new RewardDefinition.Term(reward, weight);
  }

  private RewardModel.Rewards scored(RewardDefinition definition) {
    try (RewardModel model = rewards.open(definition)) {
      return model.evaluate(BLOCK).requireUsable(BLOCK);
    }
  }

  private static RewardVersion version(String name) {
    return new RewardVersion(name, 1);
  }

  @Test
  void shouldMakeABuiltInRewardOfItsSettings() {
    float[] usual =
        scored(definition(version("toy"), "builtin", Map.of("kind", "eight-gaussians"))).values();
    float[] reverse =
        scored(
                definition(
                    version("toy"),
                    "builtin",
                    Map.of(
                        "kind", "eight-gaussians",
                        "heights", "[1, 0.857, 0.714, 0.571, 0.429, 0.286, 0.143, 0]")))
            .values();
    // R and 1 - R.
    assertThat(Math.exp(usual[0]) + Math.exp(reverse[0])).isCloseTo(1, within(1e-3));
  }

  @Test
  void shouldNameTheSettingThatNobodyKnows() {
    assertThatThrownBy(
            () -> rewards.open(definition(version("toy"), "builtin", Map.of("hights", "[1]"))))
        .hasMessageContaining("unknown key 'reward.hights'")
        .hasMessageContaining("heights");
  }

  @Test
  void shouldWeighTheMembersOfASum() {
    RewardModel.Rewards flipped =
        scored(definition(version("flipped"), "sum", Map.of(), term(OWN, -1)));
    assertThat(flipped.values()).containsExactly(-1, -3);
    assertThat(flipped.gradients()).containsExactly(-1, 0, -1, 0);
    assertThat(closed).containsExactly("own");
  }

  @Test
  void shouldTakeTheMembersOfAnEnsembleTogether() {
    RewardVersion flipped = version("flipped");
    known.put(flipped, definition(flipped, "sum", Map.of(), term(OWN, -1)));
    RewardModel.Rewards least =
        scored(
            definition(
                version("both"),
                "ensemble",
                Map.of("aggregate", "min"),
                term(OWN, 1),
                term(flipped, 1)));
    assertThat(least.values()).containsExactly(-1, -3);
    assertThat(closed).containsExactly("own", "own");
  }

  @Test
  void shouldCloseTheMembersThatWereMadeWhenAnotherCannotBe() {
    assertThatThrownBy(
            () ->
                rewards.open(
                    definition(
                        version("both"),
                        "ensemble",
                        Map.of(),
                        term(OWN, 1),
                        term(version("gone"), 1))))
        .hasMessage("both@1 needs gone@1, which is not there");
    assertThat(closed).containsExactly("own");
  }

  @Test
  void shouldRefuseARemoteScorerWithoutAnAddress() {
    assertThatThrownBy(() -> rewards.open(definition(version("far"), "remote", Map.of())))
        .hasMessageContaining("remote.url");
  }

  private static RewardDefinition remote(String kind, String variable) {
    return definition(
        version("far"),
        kind,
        Map.of(
            "kind", "remote",
            "gradient", "nes",
            "remote.url", "http://127.0.0.1:1/",
            "remote.token-env", variable));
  }

  @Test
  void shouldSendNoVariableOfTheNodesButScorersTokens() {
    assertThat(System.getenv()).containsKey("PATH");
    for (String kind : List.of("remote", "builtin")) {
      for (String variable : List.of("PATH", "FAVSTREAM_TOKEN", "favstream_scorer_a")) {
        assertThatThrownBy(() -> rewards.open(remote(kind, variable)))
            .hasMessageContainingAll("reward.remote.token-env: got '%s'".formatted(variable))
            .hasMessageContaining("begins with FAVSTREAM_SCORER_");
      }
      assertThatThrownBy(() -> rewards.open(remote(kind, "FAVSTREAM_SCORER_NO_SUCH")))
          .hasMessageContaining("FAVSTREAM_SCORER_NO_SUCH is not set here");
    }
  }

  @Test
  void shouldRefuseATorchScriptRewardWithoutItsFile() {
    assertThatThrownBy(() -> rewards.open(definition(version("ts"), "torchscript", Map.of())))
        .hasMessage("ts@1 comes without its file");
    assertThatThrownBy(
            () ->
                rewards.open(
                    new RewardDefinition(
                        version("ts"),
                        "torchscript",
                        Map.of(),
                        List.of(),
                        Optional.of(new RewardDefinition.Artifact("ab".repeat(32), 5)),
                        2,
                        0)))
        .hasMessageContaining("there-is-no-such-file.pt");
  }

  @Test
  void shouldRefuseAKindOfALaterBuild() {
    assertThatThrownBy(() -> rewards.open(definition(version("x"), "oracle", Map.of())))
        .hasMessage("x@1 is of kind 'oracle', which this build does not know");
  }
}
