// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.concurrent.Callable;
import org.favstream.infra.run.RunException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code favstream reward shadow}. */
@Command(
    name = "shadow",
    mixinStandardHelpOptions = true,
    description = {
      "Let a reward score a share of the live groups beside the active one, without influence.",
      "favstream reward list shows how they compare; the figures stand in the history once it ends:",
      "with a share of 0, when the reward is activated, or with the run."
    },
    footer = {
      "",
      "Examples:",
      "  favstream reward shadow careful@2 --share 0.1",
      "  favstream reward shadow careful@2 --share 0      # ends it"
    })
final class RewardShadowCommand implements Callable<Integer> {
  @Mixin private ControlOptions control = new ControlOptions();

  @Parameters(paramLabel = "NAME[@V]", description = "The reward (default version: the newest).")
  private String reward = "";

  @Option(
      names = "--share",
      required = true,
      paramLabel = "X",
      description = "Share of the groups, up to 1; 0 ends it.")
  private double share;

  @Override
  public Integer call() throws RunException, InterruptedException {
    JsonNode answer =
        control
            .client()
            .post(ControlOptions.path(reward) + "/shadow", control.body().put("share", share));
    control.print(answer, text(answer));
    return 0;
  }

  private static String text(JsonNode answer) {
    String reward = answer.path("reward").asText();
    if (answer.path("share").asDouble() > 0) {
      return "%s scores %s of the live groups, without influence; tried on %s"
          .formatted(reward, answer.path("share").asText(), answer.path("checkedOn").asText());
    }
    return "the shadow of %s has ended%s"
        .formatted(
            reward,
            answer.has("result")
                ? "; of the last %s particles, against %s:%n%s"
                    .formatted(
                        answer.at("/result/particles").asText(),
                        answer.at("/result/against").asText(),
                        RewardText.figures(answer.path("result")))
                : "");
  }
}
