// SPDX-License-Identifier: Apache-2.0
package org.favstream.infra.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.util.Map;
import java.util.concurrent.Callable;
import org.favstream.actors.config.ConfigurationException;
import org.favstream.infra.run.RunException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code favstream reward activate}. */
@Command(
    name = "activate",
    mixinStandardHelpOptions = true,
    description = {
      "Make a reward the active one: groups from a fence in the log on are scored by it. No group",
      "is lost, and no batch mixes two rewards. Of two people who activate at once one is told that",
      "the other was first."
    },
    footer = {
      "",
      "Examples:",
      "  favstream reward activate careful@2 --require-backtest --blend 30s",
      "  favstream reward activate careful --reason 'fewer exploits'",
      "",
      "Exit status: 0 it is active; 1 it could not be done; 2 asked wrongly; 3 its last backtest did",
      "not pass its gate, or a required one is missing."
    })
final class RewardActivateCommand implements Callable<Integer> {
  @Mixin private ControlOptions control = new ControlOptions();

  @Parameters(paramLabel = "NAME[@V]", description = "The reward (default version: the newest).")
  private String reward = "";

  @Option(
      names = "--require-backtest",
      description = "Refuse where it was not backtested; one that failed is refused anyway.")
  private boolean requireBacktest;

  @Option(
      names = "--blend",
      paramLabel = "TIME",
      description = "Over how long it comes in, such as 30s (default: at once).")
  private String blend = "0s";

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the history.")
  private String reason = "";

  @Override
  public Integer call() throws RunException, InterruptedException {
    JsonNode answer =
        control
            .client()
            .post(
                ControlOptions.path(reward) + "/activate",
                control
                    .body()
                    .put("requireBacktest", requireBacktest)
                    .put("blendMillis", blendMillis())
                    .put("reason", reason));
    control.print(answer, RewardText.activated(answer));
    return 0;
  }

  /** A time as configurations have it. */
  private long blendMillis() {
    try {
      return ConfigFactory.parseMap(Map.of("blend", blend)).getDuration("blend").toMillis();
    } catch (ConfigException e) {
      throw new ConfigurationException(
          "--blend: got '%s', expected a time such as 30s or 2m".formatted(blend), e);
    }
  }
}
